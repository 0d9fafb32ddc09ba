package import ArgumentParser

/// The shells that a completion script can be printed for.
package enum CompletionsShell: String, CaseIterable, ExpressibleByArgument, Sendable {
  case bash, zsh, fish
}

/// `completions SHELL`: prints the script that lets a shell complete this program's commands.
package struct CompletionsCommand<Root: ProgramRoot, Options: ConsoleOptions>: ParsableCommand {
  package static var configuration: CommandConfiguration {
    let program = Root._commandName
    return CommandConfiguration(
      commandName: "completions",
      abstract: "Print a completion script for a shell.",
      discussion: """
        Examples:
          \(program) completions bash > ~/.local/share/bash-completion/completions/\(program)
          \(program) completions zsh > ~/.zfunc/_\(program)
          \(program) completions fish > ~/.config/fish/completions/\(program).fish

        \(program) --generate-completion-script SHELL prints the same.
        """)
  }

  @Argument(help: "The shell.")
  private var shell: CompletionsShell

  @OptionGroup private var options: Options

  package init() {}

  package mutating func run() throws {
    let script = Root.completionScript(for: shell.parserShell)
    let console = options.console
    guard console.isJSON else { return try console.writeResult((script + "\n").utf8) }
    try console.print(["shell": .string(shell.rawValue), "script": .string(script)] as JSONValue)
  }
}

extension CompletionsShell {
  fileprivate var parserShell: CompletionShell {
    switch self {
    case .bash: .bash
    case .zsh: .zsh
    case .fish: .fish
    }
  }
}
