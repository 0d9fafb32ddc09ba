import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore

// Short handles. Annotations, replies and relations are referred to alike, so a handle is unique
// among all three; articles and labels each have their own.

extension WorkspaceReader {
  /// The shortest unique end of a record's id.
  ///
  /// One scan of the kinds that share its handles; whoever asks often within a transaction costs one
  /// sort of them, and then nothing.
  package func handle(of record: RecordID) throws -> String {
    if cache.asksOftenForHandles(of: record.kind),
      let known = try handles(of: record.kind)[record]
    {
      return known
    }
    let kinds = sharedHandleKinds(with: record.kind)
    return try shortestHandle(of: record) { try ids(endingIn: $0, kinds: kinds).count }
  }

  /// The handles of all records of a kind; one sort of all that share its handles, once a reader.
  func handles(of kind: RecordKind) throws -> [RecordID: String] {
    if let known = cache.handles[kind] { return known }
    let kinds = sharedHandleKinds(with: kind)
    let ids = try kinds.flatMap { try self.ids(of: $0) }
    let handles = ShortHandle.shortest(of: ids.map(\.bytes))
    var handlesByKind: [RecordKind: [RecordID: String]] = [:]
    for kind in kinds { handlesByKind[kind] = [:] }
    for (id, handle) in zip(ids, handles) { handlesByKind[id.kind]?[id] = handle }
    cache.keep(handlesByKind)
    return handlesByKind[kind] ?? [:]
  }

  /// The record of another kind that `typed` is the handle of, where no label is called so or has it.
  package func record(thatIsNoLabel typed: String) throws -> RecordID? {
    guard case .tail(let digits) = HandleQuery(BidiControl.trimmed(typed)),
      (try? resolveReference(typed, kinds: [.label])) == nil
    else { return nil }
    let others: [RecordKind] = [.annotation, .relation, .reply, .article]
    return try ids(endingIn: digits, kinds: others).first
  }

  /// The records of these kinds whose ids end in these lowercase digits, ascending.
  func ids(endingIn tail: String, kinds: [RecordKind]) throws -> [RecordID] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id FROM record WHERE kind = :kind AND substr(lower(hex(id)), -length(:tail)) = :tail
        UNION
        SELECT id FROM pending_record
        WHERE kind = :kind AND substr(lower(hex(id)), -length(:tail)) = :tail
        ORDER BY id
        """)
    return try kinds.flatMap { kind in
      try Data.fetchAll(statement, arguments: ["kind": Int64(kind.rawValue), "tail": tail])
        .compactMap { RecordID(encoded: $0) }
    }
  }

  private func ids(of kind: RecordKind) throws -> [RecordID] {
    try Data.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id FROM record WHERE kind = :kind UNION
          SELECT id FROM pending_record WHERE kind = :kind ORDER BY id
          """), arguments: ["kind": Int64(kind.rawValue)]
    ).compactMap { RecordID(encoded: $0) }
  }
}

/// The kinds among which a handle is unique.
func sharedHandleKinds(with kind: RecordKind) -> [RecordKind] {
  let shared: [RecordKind] = [.annotation, .relation, .reply]
  return shared.contains(kind) ? shared : [kind]
}

/// The shortest end of a record's id that `countEnding` finds once.
func shortestHandle(of record: RecordID, countEnding: (String) throws -> Int) throws -> String {
  try ShortHandle.shortest(of: record.bytes, countEnding: countEnding)
}
