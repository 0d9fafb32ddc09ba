import AnnotationModel
import MergeCore
import SyncProtocol
import Testing

@testable import WorkspaceStore

/// Records that were written and never created: the creation was refused, or its author does not keep
/// to the rules.
@Suite struct UncreatedRecordTests {
  @Test func `a record that was never created is in no list, count or conflict`() throws {
    let team = try Team()
    let id = try #require(
      RecordID(kind: .annotation, bytes: [UInt8](repeating: 0xAB, count: 16)))
    let before = try team.nadia.read { try $0.liveCount(of: .annotation) }
    for (store, note) in [(team.layla, "one"), (team.omar, "other")] {
      try store.edit {
        _ = try $0.commit([DraftOperation(id, .write(AnnotationField.note, Array(note.utf8)))])
      }
      // Pending work counts no more than logged work.
      #expect(try store.read { try $0.liveCount(of: .annotation) } == before)
    }
    try team.syncAll()
    try team.expectOneState()
    try team.nadia.read { (reader: WorkspaceReader) throws -> Void in
      #expect(try reader.state(of: id)?.isInConflict(AnnotationField.note) == true)
      #expect(try reader.conflictCount() == 0)
      #expect(try reader.conflicts().isEmpty)
      #expect(try reader.conflicts(of: id).isEmpty)
      #expect(try reader.conflictKeys().isEmpty)
      #expect(try reader.records(of: .annotation).isEmpty)
      #expect(try reader.liveCount(of: .annotation) == before)
    }
    #expect(try team.nadia.examine().filter { !$0.isGood }.isEmpty)
  }

  @Test func `created later, it is in conflict as any other`() throws {
    let team = try Team()
    let id = try #require(
      RecordID(kind: .annotation, bytes: [UInt8](repeating: 0xAB, count: 16)))
    for (store, note) in [(team.layla, "one"), (team.omar, "other")] {
      try store.edit {
        _ = try $0.commit([DraftOperation(id, .write(AnnotationField.note, Array(note.utf8)))])
      }
    }
    try team.syncAll()
    try team.nadia.edit {
      _ = try $0.commit([
        DraftOperation(id, .create(nil)), DraftOperation(team.article, .touch),
      ])
    }
    try team.syncAll()
    #expect(try team.layla.read { try $0.conflictCount() } == 1)
    let keys = try team.layla.read { try $0.conflictKeys() }
    #expect(keys == [ConflictKey(id, AnnotationField.note)])
  }
}
