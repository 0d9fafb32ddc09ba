import AnnotationModel
import MergeCore
import Testing
import WorkspaceStore

@Suite("Handles")
struct HandleTests {
  @Test("however often one asks, every handle is the shortest unique end of its id")
  func shortest() throws {
    let lone = try LoneStore()
    let ids = try (0..<40).map { try lone.annotate(note: "\($0)") }
    let asked = try lone.store.read { reader in try ids.map { try reader.handle(of: $0) } }
    let alone = try ids.map { id in try lone.store.read { try $0.handle(of: id) } }
    #expect(asked == alone)
    #expect(Set(asked).count == ids.count)
    for (id, handle) in zip(ids, asked) { #expect(id.hexText.hasSuffix(handle)) }
  }

  @Test("a record made in the same transaction has its handle at once, and so do the others")
  func made() throws {
    let lone = try LoneStore()
    let known = try (0..<20).map { try lone.annotate(note: "\($0)") }
    let handles = try lone.store.edit { editor in
      for id in known { _ = try editor.reader.handle(of: id) }
      let new = try editor.reply(to: known[0], text: "new").record
      return try (known + [new]).map { try editor.reader.handle(of: $0) }
    }
    #expect(Set(handles).count == known.count + 1)
  }
}
