/// A part of a record whose history undoing reads.
package enum RecordPart: Hashable, Sendable {
  case field(FieldID)
  case lifecycle
}

/// One operation on a part of a record, as undoing has to know it: what it covered, and what it was
/// the first to take away.
///
/// A log keeps those that met or took something, and every delete and restore; so an article's first
/// text or an annotation's first label costs nothing.
package struct PartOperation: Hashable, Sendable {
  package var part: RecordPart
  /// The element of a set, by the digest of its bytes.
  package var element: Digest256?
  package var identity: ChangeIdentity
  /// Which of its change's operations on the record it is, from 0.
  package var place: Int
  /// Where its change appears, the placing one first.
  package var carriers: [Carrier]
  package var coverage: Coverage
  /// Whether it takes away what it covers, as all do but deletes.
  package var takes: Bool
  /// Of a restore that undoes a delete: the change whose deletes alone it takes away.
  package var only: ChangeIdentity?
  /// What it took away, as it stood; elsewhere gone values are nowhere kept.
  package var taken: [Sibling]
  /// Of a restore: where its author's own line had touched the record before it.
  package var ownTouches: [[Carrier]]

  /// How many dots it names: its own and those of what it took and of the touches before it, each
  /// with all carriers, and the entries of its clock or of its author's line.
  ///
  /// What reading and judging it costs is in proportion.
  package var dotCount: Int {
    let covered =
      switch coverage {
      case .context(let context): context.own.entries.count
      case .clock(let clock): clock.entries.count
      }
    return carriers.count + covered + taken.reduce(0) { $0 + $1.carriers.count }
      + ownTouches.reduce(0) { $0 + $1.count }
  }

  /// Whether it takes this away: it covers it, and is free to.
  func reaches(_ sibling: Sibling) -> Bool {
    takes && sibling.identity != identity && coverage.covers(sibling.carriers)
      && (only == nil || only == sibling.source)
  }

  /// Adds an appearance of a change to all that the change made here.
  package mutating func include(_ carrier: Carrier, of change: ChangeIdentity) {
    if identity == change, !carriers.contains(carrier) { carriers.append(carrier) }
    for index in taken.indices where taken[index].identity == change {
      if !taken[index].carriers.contains(carrier) { taken[index].carriers.append(carrier) }
    }
  }
}

extension Sibling {
  /// The change whose value it is: the cited one where it was brought back.
  package var source: ChangeIdentity { cited ?? identity }

  /// What tells it from others in a part of a record, whoever carries it.
  package var key: [ChangeIdentity] { [identity, source] }
}
