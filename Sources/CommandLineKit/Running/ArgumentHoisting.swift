import ArgumentParser

/// What was typed, with the global options moved from before a command's name to after it.
///
/// Only the words before the innermost command's name are looked at. Everything behind it stays as and
/// where it was, so no word that is another option's value, or that comes after `--`, is ever taken.
struct HoistedArguments {
  /// The commands' names, outermost first.
  private(set) var path: [String] = []
  /// The words that came before the last of these names.
  private(set) var hoisted: [String] = []
  /// The untouched rest.
  private(set) var rest: ArraySlice<String>
  /// The innermost command that was named.
  private(set) var command: any ParsableCommand.Type

  init(_ arguments: [String], root: any ProgramRoot.Type) {
    rest = arguments[...]
    command = root
    while let word = rest.first {
      if let count = Self.globalWords(rest, root.globalOptions) {
        hoisted += rest.prefix(count)
        rest = rest.dropFirst(count)
      } else if let next = command.configuration.subcommand(named: word) {
        path.append(word)
        rest = rest.dropFirst()
        command = next
        if next.configuration.subcommands.isEmpty { break }
      } else {
        break
      }
    }
  }

  /// The words as ArgumentParser is given them.
  var arguments: [String] {
    // `help` and `--help` at a group take no options, and none matters to them.
    isGroup ? path + rest : path + hoisted + rest
  }

  /// Whether the command named does nothing by itself.
  var isGroup: Bool {
    !command.configuration.subcommands.isEmpty && command.configuration.defaultSubcommand == nil
  }

  /// How many words at the beginning are one global option; nil when none is.
  private static func globalWords(
    _ words: ArraySlice<String>, _ options: [GlobalOption]
  ) -> Int? {
    guard let word = words.first else { return nil }
    for option in options {
      switch option {
      case .flag(let name): if word == name { return 1 }
      case .value(let name):
        if word == name { return words.count > 1 ? 2 : nil }
        if word.hasPrefix(name + "=") { return 1 }
      }
    }
    return nil
  }
}

extension CommandConfiguration {
  /// The subcommand that a word names.
  func subcommand(named name: String) -> (any ParsableCommand.Type)? {
    subcommands.first { $0._commandName == name || $0.configuration.aliases.contains(name) }
  }
}
