/// The shapes that the project promises to scripts, one a command.
extension Shape {
  static let head = Shape.object(["origin": .text, "size": .int, "root": .base64(bytes: 32)])

  static let identity = Shape.object([
    "workspace": .hex(64), "replica": .hex(32), "analyst": .text,
  ])

  static let status = Shape.object([
    "workspace": .hex(64), "replica": .hex(32), "analyst": .text, "articles": .int,
    "annotations": .int, "pending_changes": .int, "conflicts": .int, "state_digest": .hex(64),
    "version_vector": .vector, "log": .orNull(head),
  ])

  static let sync = Shape.object([
    "pushed_changes": .int, "pulled_changes": .int, "refused_changes": .int, "bytes_sent": .int,
    "bytes_received": .int, "round_trips": .int, "conflicts_opened": .int,
    "conflicts_closed": .int, "healed_leaves": .int, "in_sync": .bool,
    "state_digest": .hex(64), "log": head,
  ])

  /// `annotate`, `edit`, `delete`, `restore`, `reply`, `relate`, `resolve`.
  static let edit = Shape.object(["id": .hex(32), "handle": .text, "dot": .dot])

  static let undo = Shape.array(
    .object(["id": .text, "handle": .text, "dot": .dot, "undoes": .dot]))

  static let unchanged = Shape.object(["id": .hex(32), "handle": .text, "dot": .null])

  static let articles = Shape.array(
    .object([
      "id": .hex(64), "title": .text, "file": .orNull(.text), "sha256": .hex(64),
      "code_points": .int,
    ]))

  /// `list` of annotations.
  static let list = list(of: "annotation", id: .hex(32))

  /// `list --kind` of any kind.
  static func list(of kind: String, id: Shape) -> Shape {
    .array(item([kind], id: id))
  }

  private static func item(_ kinds: [String], id: Shape) -> Shape {
    .object([
      "id": id, "handle": .text, "kind": .word(kinds), "article": .orNull(.hex(64)),
      "spans": .array(.array(.int)), "quote": .orNull(.text), "label": .orNull(.text),
      "note": .orNull(.text), "tags": .array(.text), "confidence": .orNull(.number),
      "analyst": .text, "deleted": .bool, "conflicts": .array(field), "clock": .knownVector,
      "time": .time, "parent": .orNull(.hex(32)), "name": .orNull(.text),
      "from": .orNull(.hex(32)), "to": .orNull(.hex(32)),
    ])
  }

  static let field = Shape.word([
    "label", "note", "target", "tags", "confidence", "lifecycle", "title", "source", "file", "text",
    "name", "merged", "type", "ends", "parent",
  ])

  static let target = Shape.object([
    "article": .hex(64), "spans": .array(.array(.int)), "quote": .text,
  ])

  static let value = Shape.either(
    .either(.text, .number),
    .either(.orNull(target), .either(.array(.text), .object(["sha256": .hex(64), "bytes": .int]))))

  /// Why a value is the one shown.
  static let shownReason = Shape.word([
    "only", "agreed", "latest-time", "greatest-dot", "kept-alive", "add-wins",
  ])

  static let rule = Shape.word([
    "applied", "kept-siblings", "agreed", "add-wins", "kept-alive", "deletes-agree", "absorbed",
  ])

  private static let siblingMembers: [String: Shape] = [
    "value": value, "dot": .dot, "analyst": .text, "time": .time, "against": .vector,
    "leaf": .orNull(.int), "resolution": .bool, "reason": .orNull(.text),
    "brought_back": .orNull(
      .object(["dot": .dot, "analyst": .text, "time": .time, "leaf": .orNull(.int)])),
  ]

  /// A sibling of a conflict: its author had at least received the record's creation.
  static let siblings = Shape.array(
    .object(siblingMembers.merging(["against": .knownVector]) { $1 }))

  static let conflicts = Shape.array(
    .object([
      "id": .either(.hex(32), .hex(64)), "field": field, "shown": value,
      "reason": .word(["latest-time", "greatest-dot", "kept-alive", "same-name"]),
      "siblings": siblings,
      "handle": .text, "kind": .word(["annotation", "article", "relation", "reply", "label"]),
      "clock": .knownVector,
    ]))

  static let auditList = Shape.array(
    .object([
      "index": .int, "time": .time, "type": .text, "analyst": .orNull(.text),
      "replica": .orNull(.hex(32)), "first": .orNull(.int), "last": .orNull(.int),
      "changes": .int, "concurrent": .int, "conflicts_opened": .int, "conflicts_closed": .int,
      "batch": .hex(64), "report": .hex(64), "state_digest": .hex(64),
    ]))

  static let quarantine = Shape.array(
    .object([
      "dot": .dot, "analyst": .text, "time": .time, "act": .orNull(.text), "undoes": .orNull(.dot),
      "parts": .array(.any), "code": .text, "refusal": .text,
    ]))

  static let auditVerify = Shape.object([
    "verified": .bool, "size": .int, "root": .base64(bytes: 32), "first_bad_leaf": .orNull(.int),
    "reason": .orNull(.text), "notice": .orNull(.text),
  ])

  /// What a repair came to.
  static let repaired = Shape.object([
    "leaves": .int, "losses": .array(.text), "kept_file": .text,
  ])

  static let batch = Shape.object([
    "lines": .int, "changes": .int, "unchanged": .int,
    "refused": .array(.object(["line": .int, "reason": .text])),
  ])

  static let why = Shape.object([
    "id": .either(.hex(32), .hex(64)), "handle": .text,
    "fields": .array(
      .object([
        "field": field, "shown": value, "reason": shownReason, "rule": rule, "leaf": .orNull(.int),
        "siblings": .array(.object(siblingMembers)),
        "superseded": .array(
          .object(
            siblingMembers.merging(["superseded_by": .dot, "superseded_by_analyst": .text]) { $1 })),
        "decisions": .array(
          .object([
            "dot": .dot, "analyst": .text, "time": .time, "leaf": .orNull(.int), "rule": rule,
            "superseded": .array(.dot), "concurrent": .array(.dot), "opened": .bool,
            "closed": .bool,
          ])), "local": .bool,
      ])),
  ])

  static let invite = Shape.object([
    "member": .text, "role": .word(["annotator", "adjudicator", "auditor", "admin"]),
    "code": .text,
  ])

  static let slot = Shape.object(["name": .text, "origin": .text, "key": .text, "code": .text])
}
