import AnnotationModel
package import MergeCore
import SyncProtocol
package import WorkspaceStore

/// How a record came to be as the log's end has it, part by part.
package struct WhyReport {
  private let history: RecordHistory
  private let reader: LogReader

  /// Re-executes the record.
  package init(of record: RecordID, in reader: LogReader) throws {
    history = try RecordHistory(of: record, in: reader)
    self.reader = reader
  }

  /// The names of the parts: fields, and `lifecycle`.
  package var partNames: [String] { history.parts.map(name) }

  /// The shape of `why --json` (`Protocol/command-line.md`), with the one part or with all.
  package func json(part wanted: String?) throws -> AuditValue {
    .object([
      AuditMember("id", .text(hexText(history.record.bytes))),
      AuditMember("fields", .list(try parts(wanted).map(json))),
    ])
  }

  /// Readable lines of the one part or of all.
  package func lines(part wanted: String?) throws -> [String] {
    try parts(wanted).flatMap(lines)
  }

  private func parts(_ wanted: String?) -> [FieldID?] {
    history.parts.filter { wanted == nil || UTF8Text.identical(name($0), wanted ?? "") }
  }

  private func name(_ part: FieldID?) -> String {
    guard let part else { return AnnotationSchema.lifecycleName }
    return AnnotationSchema.name(of: part, in: history.record.kind) ?? "field \(part.rawValue)"
  }

  private func json(_ part: FieldID?) throws -> AuditValue {
    let last = history.lastDecision(on: part)
    let shown = try shown(part)
    return .object([
      AuditMember("field", .text(name(part))), AuditMember("shown", shown.value),
      AuditMember("reason", .text(shown.reason)),
      AuditMember("rule", AuditValue(last?.decision.decision.rule.rawValue)),
      AuditMember("leaf", AuditValue(last?.leaf)),
      AuditMember("siblings", .list(try history.siblings(of: part).map { try json($0, part) })),
      AuditMember(
        "superseded",
        .list(
          try history.superseded(in: part).map { sibling, by in
            .object(try members(of: sibling, part) + [AuditMember("by", .text(by.description))])
          })),
    ])
  }

  private func json(_ sibling: Sibling, _ part: FieldID?) throws -> AuditValue {
    .object(try members(of: sibling, part))
  }

  private func members(of sibling: Sibling, _ part: FieldID?) throws -> [AuditMember] {
    let clock = history.step(of: sibling)?.against.entries ?? []
    return [
      AuditMember("value", try value(of: sibling, part)),
      AuditMember("dot", .text(sibling.dot.description)),
      AuditMember("analyst", .text(reader.membership.analyst(of: sibling.dot.replica))),
      AuditMember("time", .text(Timestamp(milliseconds: sibling.time).text)),
      AuditMember(
        "against",
        .object(clock.map { AuditMember($0.replica.hex, AuditValue($0.counter.rawValue)) })),
    ]
  }

  private func lines(_ part: FieldID?) throws -> [String] {
    let shown = try shown(part)
    let rule = history.lastDecision(on: part).map {
      ", by \($0.decision.decision.rule.rawValue) at leaf \($0.leaf)"
    }
    let head = "\(name(part)): \(shown.value.words) (\(shown.reason)\(rule ?? ""))"
    let standing = try history.siblings(of: part).map { "  stands  \(try line($0, part))" }
    let gone = try history.superseded(in: part).map { sibling, by in
      "  was     \(try line(sibling, part)), until \(by)"
    }
    return [head] + standing + gone
  }

  private func line(_ sibling: Sibling, _ part: FieldID?) throws -> String {
    let analyst = reader.membership.analyst(of: sibling.dot.replica)
    let time = Timestamp(milliseconds: sibling.time).text
    return "\(try value(of: sibling, part).words) by \(analyst) at \(time), \(sibling.dot)"
  }
}

// MARK: - Values

extension WhyReport {
  private func shown(_ part: FieldID?) throws -> (value: AuditValue, reason: String) {
    let state = history.state
    guard let part else {
      let reason = state.isLifecycleInConflict ? MergeRule.keptAlive.rawValue : "only"
      return (.text(state.isDeleted ? "deleted" : "live"), reason)
    }
    if AnnotationSchema.schema.type(of: part, in: history.record.kind) == .set {
      let values = try state.presentElements(of: part).map { try value($0.value, part) }
      return (.list(values), MergeRule.addWins.rawValue)
    }
    guard let shown = state.siblings(of: part).shown else { return (.null, "only") }
    return (try value(of: shown.sibling, part), shown.reason.rawValue)
  }

  private func value(of sibling: Sibling, _ part: FieldID?) throws -> AuditValue {
    guard let part else { return .text("deleted") }
    guard let digest = sibling.content?.value else { return .null }
    return try value(digest, part)
  }

  private func value(_ digest: Digest256, _ part: FieldID) throws -> AuditValue {
    guard let bytes = try reader.content(digest),
      let type = AnnotationSchema.valueType(of: part, in: history.record.kind),
      let value = FieldValue(bytes, as: type)
    else { return .text(digest.hex) }
    switch value {
    case .text(let text): return .text(text)
    case .bytes: return .text(digest.hex)
    case .label(let label): return .text(try name(of: label))
    case .confidence(let confidence): return .text(confidence.text)
    case .record(let record): return .text(hexText(record.bytes))
    case .ends(let ends):
      return .object([
        AuditMember("from", .text(hexText(ends.from.bytes))),
        AuditMember("to", .text(hexText(ends.to.bytes))),
      ])
    case .target(let target):
      return .object([
        AuditMember("article", .text(hexText(target.article.bytes))),
        AuditMember(
          "spans",
          .list(target.spans.map { .list([.number($0.start), .number($0.end)]) })),
        AuditMember("quote", .text(target.quote)),
      ])
    }
  }

  /// A label's current name, or the first one, which its creation carries.
  private func name(of label: LabelID) throws -> String {
    guard let record = RecordID(kind: .label, bytes: label.bytes),
      let state = try reader.state(of: record)
    else { return hexText(label.bytes) }
    let sibling = state.siblings(of: LabelField.name).shown?.sibling ?? state.creations.first
    guard let digest = sibling?.content?.value, let bytes = try reader.content(digest),
      let name = String(validating: bytes, as: UTF8.self)
    else { return hexText(label.bytes) }
    return name
  }
}

extension AuditValue {
  /// The value in one line, for people.
  fileprivate var words: String {
    switch self {
    case .null: "nothing"
    case .bool(let value): "\(value)"
    case .number(let number): "\(number)"
    case .text(let text): text
    case .list(let values): values.map(\.words).joined(separator: ", ")
    case .object(let members):
      members.first { $0.name == "quote" }?.value.words
        ?? members.map(\.value.words).joined(separator: " ")
    }
  }
}
