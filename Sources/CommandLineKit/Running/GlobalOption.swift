package import ArgumentParser

/// An option that every command of a program takes, and that may also stand before the command.
package enum GlobalOption: Hashable, Sendable {
  /// A switch, by its name with dashes.
  case flag(String)
  /// An option with a value, by its name with dashes.
  case value(String)
}

/// The root of a program's commands.
package protocol ProgramRoot: AsyncParsableCommand {
  /// The options that are accepted anywhere. Every command must also declare them, through an option
  /// group.
  static var globalOptions: [GlobalOption] { get }

  /// What an error of another module means to a person; nil for one that is unknown, which is reported
  /// as internal.
  static func failure(for error: any Error) -> CommandFailure?
}

/// The options that every command of a program takes.
package protocol ConsoleOptions: ParsableArguments {
  /// Where words go.
  var console: Console { get }
}

/// The output options that all commands have.
package struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON, on standard output alone.")
  package var json = false

  @Flag(help: "Print no messages and no progress.")
  package var quiet = false

  package init() {}

  /// The console as these options want it.
  package var console: Console { Console(isJSON: json, isQuiet: quiet) }

  /// The same options as they may stand before a command.
  package static let globalOptions: [GlobalOption] = [.flag("--json"), .flag("--quiet")]
}
