/// Why a sibling is the one shown.
package enum ShownReason: String, Sendable {
  /// There is one value only.
  case only
  /// All siblings hold the same value.
  case agreed
  /// Its author's claimed time is the latest.
  case latestTime = "latest-time"
  /// Of those with the latest claimed time its dot is the greatest.
  case greatestDot = "greatest-dot"
}

/// The sibling that a view shows first, and why.
package struct Shown: Sendable {
  package var sibling: Sibling
  package var reason: ShownReason
}

extension [Sibling] {
  /// Chooses the sibling to show: a pure function of the siblings, whatever their order.
  ///
  /// Claimed wall time decides, then the dot; a wrong clock changes what is shown first and nothing
  /// else. Nil when there are none.
  package var shown: Shown? {
    guard let first else { return nil }
    let best = dropFirst().reduce(first) { $0.isShownAfter($1) ? $1 : $0 }
    return Shown(sibling: best, reason: reason(for: best))
  }

  private func reason(for best: Sibling) -> ShownReason {
    if count == 1 { return .only }
    if !differ { return .agreed }
    let rivals = filter { $0.content?.value != best.content?.value && $0.time == best.time }
    return rivals.isEmpty ? .latestTime : .greatestDot
  }
}

extension Sibling {
  fileprivate func isShownAfter(_ other: Sibling) -> Bool {
    // A value that was brought back is shown as it was before, in its author's place.
    (time, source.origin, source.chainHash, identity)
      < (other.time, other.source.origin, other.source.chainHash, other.identity)
  }
}
