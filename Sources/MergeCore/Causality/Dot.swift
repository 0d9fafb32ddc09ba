/// The number of a change among the changes of its replica, from 1 upwards.
package struct Counter: RawRepresentable, Hashable, Comparable, Sendable,
  ExpressibleByIntegerLiteral
{
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package init(integerLiteral value: UInt64) { rawValue = value }

  /// The highest counter of a change: what a signed 64-bit integer holds, as databases keep it.
  package static let max = Counter(0x7FFF_FFFF_FFFF_FFFF)

  /// The counter of a change as a peer, a file or a person names it; nil for 0 and above ``max``.
  package init?(received value: UInt64) {
    guard value >= 1, value <= Self.max.rawValue else { return nil }
    rawValue = value
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The counter of the next change.
  ///
  /// Traps on overflow, which 2⁶⁴ changes do not reach.
  package var next: Counter { Counter(rawValue + 1) }
}

/// Names one change: a replica and the change's counter there.
///
/// Ordered by replica, then counter: the tie-break among siblings of equal time.
package struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var replica: ReplicaID
  package var counter: Counter

  package init(_ replica: ReplicaID, _ counter: Counter) {
    self.replica = replica
    self.counter = counter
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.replica, left.counter) < (right.replica, right.counter)
  }

  /// `REPLICA:COUNTER`, the form of JSON and of `Protocol/command-line.md`.
  package var description: String { "\(replica.hex):\(counter.rawValue)" }

  /// Reads `REPLICA:COUNTER`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    // `UInt64` alone would take a plus sign as well.
    guard parts.count == 2, let replica = ReplicaID(hex: parts[0]),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let counter = UInt64(parts[1]).flatMap({ Counter(received: $0) })
    else { return nil }
    self.init(replica, counter)
  }
}
