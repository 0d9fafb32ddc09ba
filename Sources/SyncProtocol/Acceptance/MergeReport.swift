package import MergeCore

/// Every decision of one leaf that was not plain, by dots and never by values.
///
/// The leaf holds the hash of its bytes; whoever replays the leaf gets the same bytes.
package struct MergeReport: Hashable, Codable, Sendable {
  package struct Entry: Hashable, Codable, Sendable {
    /// The change that was merged, `REPLICA:COUNTER`.
    package var change: String
    /// Kind and id, hexadecimal.
    package var record: String
    /// `record`, `lifecycle`, `field` or `element`.
    package var subject: String
    /// The field's number, 0 where there is none.
    package var field: Int
    package var rule: String
    package var superseded: [String]
    package var concurrent: [String]
    package var opened: Bool
    package var closed: Bool
  }

  /// The version of the report's form: 1.
  package var v = 1
  package var decisions: [Entry] = []

  package init(_ decisions: [MergedDecision]) {
    self.decisions = decisions.filter { !$0.decision.isPlain }.map(Entry.init)
  }

  /// The bytes that the leaf's hash is of.
  package var encoded: [UInt8] { jsonBytes(self) }
}

/// A decision, and the dot of the change that it is about.
package struct MergedDecision: Hashable, Sendable {
  package var dot: Dot
  package var decision: MergeDecision

  package init(dot: Dot, decision: MergeDecision) {
    self.dot = dot
    self.decision = decision
  }
}

extension MergeReport.Entry {
  fileprivate init(_ merged: MergedDecision) {
    let decision = merged.decision
    change = merged.dot.description
    record = hexText(decision.record.encoded)
    switch decision.subject {
    case .record: (subject, field) = ("record", 0)
    case .lifecycle: (subject, field) = ("lifecycle", 0)
    case .field(let id): (subject, field) = ("field", Int(id.rawValue))
    case .element(let id, _): (subject, field) = ("element", Int(id.rawValue))
    }
    rule = decision.rule.rawValue
    superseded = decision.superseded.map(\.description)
    concurrent = decision.concurrent.map(\.description)
    opened = decision.opened
    closed = decision.closed
  }
}
