import ArgumentParser

extension HoistedArguments {
  /// What is wrong when a group is named and none of its commands: nothing follows, or a word that is
  /// none of them.
  func missingCommand(program: String) -> CommandFailure? {
    guard isGroup else { return nil }
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
    if let nearest, EditDistance.between(word, nearest) <= 2 {
      remedy = "did you mean \(typed) \(nearest)?"
    }
    return CommandFailure(.usage, "\(typed) has no command \(word)", remedy: remedy)
  }
}

/// How many letters differ between two words.
enum EditDistance {
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
