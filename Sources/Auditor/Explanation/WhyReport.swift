package import MergeCore
import SyncProtocol
package import WorkspaceStore

/// How a record came to be as it is, field by field, for both programs.
package struct WhyReport: Sendable {
  private let record: RecordID
  private let handle: String
  private let fields: [WhyField]

  /// Takes what ``RecordSource/why(_:)`` found, all of it or some fields.
  package init(_ record: RecordID, handle: String, _ fields: [WhyField]) {
    self.record = record
    self.handle = handle
    self.fields = fields
  }

  /// The shape of `why --json` and of `audit why --json` (`Protocol/command-line.md`).
  package var json: AuditValue {
    .object([
      AuditMember("id", .text(hexText(record.bytes))), AuditMember("handle", .text(handle)),
      AuditMember("fields", .list(fields.map(\.json))),
    ])
  }

  /// Readable lines, with dots as `dotText` writes them.
  package func lines(dotText: (Dot) throws -> String) rethrows -> [String] {
    try fields.flatMap { try $0.lines(dotText: dotText) }
  }
}

extension WhyField {
  fileprivate var json: AuditValue {
    let old = superseded.map { value -> AuditValue in
      .object(
        value.sibling.members + [
          AuditMember("superseded_by", .text(value.by.description)),
          AuditMember("superseded_by_analyst", .text(value.byAnalyst)),
        ])
    }
    return .object([
      AuditMember("field", .text(fieldName)), AuditMember("shown", AuditValue(shown)),
      AuditMember("reason", .text(reason.rawValue)), AuditMember("rule", .text(rule.rawValue)),
      AuditMember("leaf", AuditValue(leaf)),
      AuditMember("siblings", .list(siblings.map { AuditValue($0) })),
      AuditMember("superseded", .list(old)),
      AuditMember("decisions", .list(decisions.map(\.json))),
      AuditMember("local", .bool(isLocal)),
    ])
  }

  fileprivate func lines(dotText: (Dot) throws -> String) rethrows -> [String] {
    let place = leaf.map { " at leaf \($0)" } ?? ""
    let because = "(\(reason.rawValue), by \(rule.rawValue)\(place))"
    let head = "\(fieldName): \(AuditValue(shown).words) \(because)"
    let standing = try siblings.map { "  stands  \(try $0.line(dotText: dotText))" }
    let gone = try superseded.map { old in
      "  was     \(try old.sibling.line(dotText: dotText)), until \(try dotText(old.by))"
    }
    return [head] + standing + gone
  }
}

extension WhyDecision {
  fileprivate var json: AuditValue {
    let decision = merged.decision
    return .object([
      AuditMember("dot", .text(merged.dot.description)), AuditMember("analyst", .text(analyst)),
      AuditMember("time", .text(Timestamp(milliseconds: time).text)),
      AuditMember("leaf", AuditValue(leaf)), AuditMember("rule", .text(decision.rule.rawValue)),
      AuditMember("superseded", AuditValue(decision.superseded.map(\.description))),
      AuditMember("concurrent", AuditValue(decision.concurrent.map(\.description))),
      AuditMember("opened", .bool(decision.opened)),
      AuditMember("closed", .bool(decision.closed)),
    ])
  }
}

extension SiblingView {
  fileprivate func line(dotText: (Dot) throws -> String) rethrows -> String {
    let because = reason.map { ": \($0)" } ?? ""
    return "\(AuditValue(value).words) by \(analyst) at \(Timestamp(milliseconds: time).text), "
      + (try dotText(dot)) + because
      + (try broughtBack.map { ", brought back by \($0.analyst), \(try dotText($0.dot))" } ?? "")
  }
}

extension AuditValue {
  /// The value in one line, for people.
  fileprivate var words: String {
    switch self {
    case .null: "nothing"
    case .bool(let value): "\(value)"
    case .number(let number): "\(number)"
    case .decimal(let text), .text(let text): text
    case .list(let values): values.map(\.words).joined(separator: ", ")
    case .object(let members):
      members.first { $0.name == "quote" }?.value.words
        ?? members.map(\.value.words).joined(separator: " ")
    }
  }
}
