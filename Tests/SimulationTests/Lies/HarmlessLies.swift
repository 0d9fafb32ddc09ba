/// Lies that nobody can notice, or that nobody need notice, each with the reason.
///
/// A test fails when one of these is noticed or does not occur, so that the list stays as short as it is.
struct HarmlessLies {
  private let reasons: [String: String]
  private var met: Set<String> = []

  init(_ groups: [(reason: String, lies: [String])]) {
    reasons = Dictionary(
      groups.flatMap { group in group.lies.map { ($0, group.reason) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Takes note of a lie that was believed; false for one that is not listed.
  mutating func take(_ name: String) -> Bool {
    met.insert(name)
    return reasons[name] != nil
  }

  /// Those listed that no lie was believed for.
  var unmet: [String] { reasons.keys.filter { !met.contains($0) }.sorted() }
}
