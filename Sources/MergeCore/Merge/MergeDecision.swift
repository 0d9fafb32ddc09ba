/// Which rule decided what one operation did.
package enum MergeRule: String, CaseIterable, Sendable {
  /// Nothing was concurrent: the operation did what it says.
  case applied
  /// A write met concurrent siblings of another value: all are kept.
  case keptSiblings = "kept-siblings"
  /// A write met concurrent siblings, all of its own value.
  case agreed
  /// An add and a remove of one element are concurrent: the add stands.
  case addWins = "add-wins"
  /// A delete and another operation are concurrent: the record lives, in conflict.
  case keptAlive = "kept-alive"
  /// Deletes are concurrent, and one of them covers everything else: the record is deleted.
  case deletesAgree = "deletes-agree"
  /// The change was known already under another dot, which is recorded and changes nothing.
  case absorbed
}

/// The part of a record that a decision is about.
package enum DecisionSubject: Hashable, Sendable {
  case lifecycle
  case field(FieldID)
  /// An element of a set, by the digest of its bytes.
  case element(FieldID, Digest256)
  /// The whole record: its creation, a touch, an absorbed carrier.
  case record
}

/// What one merge did to one part of one record, and why.
package struct MergeDecision: Hashable, Sendable {
  package var record: RecordID
  package var subject: DecisionSubject
  package var rule: MergeRule
  /// The dots that the operation superseded, spent or removed, ascending.
  package var superseded: [Dot]
  /// The dots that it met and did not cover, ascending.
  package var concurrent: [Dot]
  /// Whether the part is in conflict now and was not before.
  package var opened: Bool
  /// Whether the part was in conflict before and is not now.
  package var closed: Bool

  package init(
    record: RecordID, subject: DecisionSubject, rule: MergeRule, superseded: [Dot] = [],
    concurrent: [Dot] = [], opened: Bool = false, closed: Bool = false
  ) {
    self.record = record
    self.subject = subject
    self.rule = rule
    self.superseded = superseded
    self.concurrent = concurrent
    self.opened = opened
    self.closed = closed
  }

  /// Whether there is nothing to report: no concurrency met, no conflict opened or closed.
  package var isPlain: Bool { rule == .applied && !opened && !closed }
}
