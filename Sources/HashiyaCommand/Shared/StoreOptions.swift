import ArgumentParser
import CommandLineKit

/// The options that every command of an analyst takes.
struct StoreOptions: ConsoleOptions {
  @Option(
    help: ArgumentHelp(
      "The store, instead of the nearest .hashiya folder upward and HASHIYA_STORE.",
      valueName: "dir"),
    completion: .directory)
  var store: String?

  @OptionGroup var output: OutputOptions

  /// The same options as they may stand before a command.
  static let globalOptions: [GlobalOption] = [.value("--store")] + OutputOptions.globalOptions

  /// Where words go.
  var console: Console { output.console }
}
