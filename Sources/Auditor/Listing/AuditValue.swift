/// A value of the audit's JSON, for whatever writes JSON; members keep their order.
package indirect enum AuditValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Int)
  /// A number with decimals, as its digits.
  case decimal(String)
  case text(String)
  case list([AuditValue])
  case object([AuditMember])

  /// A text, or null.
  package init(_ text: String?) { self = text.map(AuditValue.text) ?? .null }

  /// A number, or null; JSON's largest where an altered file states a larger one.
  package init<Number: BinaryInteger>(_ number: Number?) {
    self = number.map { .number(Int(clamping: $0)) } ?? .null
  }

  /// A list of texts.
  package init(_ texts: [String]) { self = .list(texts.map(AuditValue.text)) }
}

/// A member of an object.
package struct AuditMember: Hashable, Sendable {
  package var name: String
  package var value: AuditValue

  package init(_ name: String, _ value: AuditValue) {
    self.name = name
    self.value = value
  }
}

extension AuditResult {
  /// The shape of `audit verify --json` (`Protocol/command-line.md`).
  package var json: AuditValue {
    .object([
      AuditMember("verified", .bool(verified)), AuditMember("size", AuditValue(size)),
      AuditMember("root", .text(root)), AuditMember("first_bad_leaf", AuditValue(firstBadLeaf)),
      AuditMember("reason", AuditValue(reason)), AuditMember("notice", AuditValue(notice)),
      AuditMember("workspace", AuditValue(workspace)),
      AuditMember("origin", AuditValue(origin)),
      AuditMember("key", AuditValue(key)),
    ])
  }
}
