package import ArgumentParser

extension HoistedArguments {
  /// What is wrong when a group is named and none of its commands: nothing follows, or a word that is
  /// none of them; also when help is asked about such a word.
  func missingCommand(program: String) -> CommandFailure? {
    if path.isEmpty, rest.first == "help" { return unknownTopic(program: program) }
    guard isGroup || takesDefault else { return nil }
    // Nothing, or only options, is for the command that the group means by itself.
    if takesDefault, rest.first?.hasPrefix("-") ?? true { return nil }
    if command.configuration.defaultSubcommand is any TakesAnyWord.Type { return nil }
    let typed = ([program] + path).joined(separator: " ")
    // Closures, because key paths into metatypes crash the compiler (6.3).
    let names = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .map { $0._commandName }
    guard let word = rest.first else {
      return CommandFailure(
        .usage, "\(typed) needs a command: \(names.joined(separator: ", "))",
        remedy: "see \(typed) --help")
    }
    guard !word.hasPrefix("-"), word != "help" else { return nil }
    var remedy: StyledText = "see \(typed) --help"
    let nearest = names.min {
      EditDistance.between(word, $0) < EditDistance.between(word, $1)
    }
    if let nearest, EditDistance.areNear(word, nearest) {
      remedy = "did you mean \(typed) \(nearest)?"
    }
    return CommandFailure(.usage, "\(typed) has no command \(word)", remedy: remedy)
  }
}

/// A group's own command whose first argument may be any word, such as a name: no word behind the group
/// is a mistyped command then.
package protocol TakesAnyWord: ParsableCommand {}

extension HoistedArguments {
  /// Whether the command named has commands, one of which it means by itself.
  private var takesDefault: Bool { command.configuration.defaultSubcommand != nil }

  /// `help WORD…` about a command that there is not.
  private func unknownTopic(program: String) -> CommandFailure? {
    var command = command
    var typed = program
    for word in rest.dropFirst() where !word.hasPrefix("-") && word != "help" {
      guard let next = command.configuration.subcommand(named: word) else {
        return CommandFailure(
          .usage, "\(typed) has no command \(word)", remedy: "see \(typed) --help")
      }
      typed += " " + word
      command = next
    }
    return nil
  }
}

/// How many letters differ between two words.
enum EditDistance {
  /// Whether one word may be the other mistyped: at most two letters differ, and no more than one in
  /// three; or two have changed places.
  static func areNear(_ left: String, _ right: String) -> Bool {
    let distance = between(left, right)
    if distance <= 2, left.utf8.sorted() == right.utf8.sorted() { return true }
    return distance <= 2 && 3 * distance <= max(left.utf8.count, right.utf8.count)
  }

  /// Levenshtein's distance, in time proportional to the product of the lengths; words of more than 64
  /// bytes are as far apart as can be.
  static func between(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count <= 64, right.count <= 64 else { return .max }
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let substituted = diagonal + (byte == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
