import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

/// Labels that are merged into others, as they are read (ruling 31).
struct MergedLabelTests {
  /// A store with a use of each of these labels.
  private func store(_ names: [String]) throws -> (LoneStore, [RecordID]) {
    let lone = try LoneStore()
    for name in names { _ = try lone.annotate(label: name) }
    return (lone, try names.map { try LabelID(name: $0).record })
  }

  private func standing(_ label: RecordID, _ lone: LoneStore) throws -> RecordID? {
    try lone.store.read { reader in try LabelID(label).map { try reader.standing($0).record } }
  }

  private func point(_ label: RecordID, to bytes: [UInt8], _ lone: LoneStore) throws {
    try lone.store.edit { editor in
      _ = try editor.commit([DraftOperation(label, .write(LabelField.merged, bytes))])
    }
  }

  @Test func `merges are followed through any number of labels, and uses counted at the end`()
    throws
  {
    let names = (0..<40).map { "label \($0)" }
    let (lone, labels) = try store(names)
    for (label, next) in zip(labels, labels.dropFirst()) {
      _ = try lone.store.edit { try $0.mergeLabel(label, into: next) }
    }
    for label in labels { #expect(try standing(label, lone) == labels.last) }
    #expect(try lone.store.read { try $0.labelUses() } == [labels[39]: 40])
    let items = try lone.store.read { try $0.items(ItemFilter(label: labels[7])) }
    #expect(items.count == 40)
    #expect(items.allSatisfy { $0.label == "label 39" && $0.labelID == labels[39] })
    #expect(
      throws: AuthoringRefusal.self, "it would make a circle",
      performing: { try lone.store.edit { try $0.mergeLabel(labels[39], into: labels[0]) } })
  }

  @Test func `in a circle the lowest id stands, for those too who lead into it`() throws {
    let (lone, labels) = try store(["a", "b", "c", "d"])
    for (from, to) in [(0, 1), (1, 2), (2, 0), (3, 1)] {
      try point(labels[from], to: labels[to].bytes, lone)
    }
    let lowest = labels.prefix(3).min()
    for label in labels { #expect(try standing(label, lone) == lowest) }
    #expect(try lone.store.read { try $0.labelClashes() }.isEmpty)
  }

  @Test func `what leads to no label counts for nothing`() throws {
    let (lone, labels) = try store(["a"])
    let unknown = try LabelID(name: "nobody made it").record.bytes
    for bytes in [unknown, [1, 2, 3], [], labels[0].bytes] {
      try point(labels[0], to: bytes, lone)
      #expect(try standing(labels[0], lone) == labels[0])
      #expect(try lone.store.read { try $0.items(ItemFilter(label: labels[0])) }.count == 1)
    }
  }

  @Test func `a label that others are merged into is in use, and its making is not undone`() throws
  {
    let (lone, labels) = try store(["a"])
    let made = try lone.store.edit { try $0.addLabel("b") }
    _ = try lone.store.edit { try $0.mergeLabel(labels[0], into: made.record) }
    _ = try lone.store.edit { try $0.undo() }
    #expect(try standing(labels[0], lone) == labels[0])
    _ = try lone.store.edit { try $0.mergeLabel(labels[0], into: made.record) }
    #expect(try standing(labels[0], lone) == made.record)
  }
}
