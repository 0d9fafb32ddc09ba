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
    "conflicts_closed": .int, "in_sync": .bool, "state_digest": .hex(64), "log": head,
  ])

  /// `annotate`, `edit`, `delete`, `restore`, `reply`, `relate`, `resolve`.
  static let edit = Shape.object(["id": .hex(32), "handle": .text, "dot": .dot])

  static let unchanged = Shape.object(["id": .hex(32), "handle": .text, "dot": .null])

  static let articles = Shape.array(
    .object([
      "id": .hex(64), "title": .text, "file": .orNull(.text), "sha256": .hex(64),
      "code_points": .int,
    ]))

  static let list = Shape.array(
    .object([
      "id": .hex(32), "handle": .text, "kind": .word(["annotation", "reply", "relation"]),
      "article": .orNull(.hex(64)), "spans": .array(.array(.int)), "quote": .orNull(.text),
      "label": .orNull(.text), "note": .orNull(.text), "tags": .array(.text),
      "confidence": .orNull(.number), "analyst": .text, "deleted": .bool,
      "conflicts": .array(.text), "clock": .vector,
    ]))

  static let target = Shape.object([
    "article": .hex(64), "spans": .array(.array(.int)), "quote": .text,
  ])

  static let siblingValue = Shape.either(.either(.text, .number), .orNull(target))

  static let siblings = Shape.array(
    .object([
      "value": siblingValue, "dot": .dot, "analyst": .text, "time": .time, "against": .vector,
    ]))

  static let conflicts = Shape.array(
    .object([
      "id": .hex(32), "field": .text, "shown": siblingValue, "reason": .text,
      "siblings": siblings,
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
      "dot": .dot, "analyst": .text, "time": .time, "act": .orNull(.text), "parts": .array(.any),
      "code": .text, "refusal": .text,
    ]))

  static let auditVerify = Shape.object([
    "verified": .bool, "size": .int, "root": .base64(bytes: 32), "first_bad_leaf": .orNull(.int),
    "reason": .orNull(.text),
  ])

  static let batch = Shape.object([
    "lines": .int, "changes": .int, "unchanged": .int,
    "refused": .array(.object(["line": .int, "reason": .text])),
  ])

  static let why = Shape.object([
    "id": .hex(32),
    "fields": .array(
      .object([
        "field": .text, "shown": .any, "reason": .orNull(.text), "rule": .orNull(.any),
        "leaf": .orNull(.int), "siblings": .array(.any), "superseded": .array(.any),
      ])),
  ])

  static let invite = Shape.object([
    "member": .text, "role": .word(["annotator", "adjudicator", "auditor", "admin"]),
    "code": .text,
  ])

  static let slot = Shape.object(["name": .text, "origin": .text, "key": .text, "code": .text])
}
