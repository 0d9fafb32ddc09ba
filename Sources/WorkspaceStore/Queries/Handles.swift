import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore

// Short handles. Annotations, replies and relations are referred to alike, so a handle is unique
// among all three; articles and labels each have their own.

extension WorkspaceReader {
  /// The shortest unique end of a record's id; one index scan, mostly.
  package func handle(of record: RecordID) throws -> String {
    let kinds = Self.sharingHandles(with: record.kind)
    return try ShortHandle.shortest(of: record.bytes) { tail in
      try ids(endingIn: tail, kinds: kinds).count
    }
  }

  /// The handles of all records of a kind; one sort of all that share its handles.
  func handles(of kind: RecordKind) throws -> [RecordID: String] {
    let ids = try Self.sharingHandles(with: kind).flatMap { try self.ids(of: $0) }
    let handles = ShortHandle.shortest(of: ids.map(\.bytes))
    var handlesByRecord: [RecordID: String] = [:]
    for (id, handle) in zip(ids, handles) where id.kind == kind { handlesByRecord[id] = handle }
    return handlesByRecord
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

  private static func sharingHandles(with kind: RecordKind) -> [RecordKind] {
    let shared: [RecordKind] = [.annotation, .relation, .reply]
    return shared.contains(kind) ? shared : [kind]
  }
}
