import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Three people's log, played once from fixed seeds: founding, joining, a note conflict that is resolved,
/// a delete against an edit, what add-wins absorbed, and a member who becomes an auditor.
final class AuditedTeam {
  let disk: SimulatedDisk
  let signer: NoteSigner
  let layla: Workspace
  let omar: Workspace
  let nadia: Workspace
  private(set) var exchange: StoreExchange
  private(set) var article: RecordID
  private(set) var annotation: RecordID
  private(set) var leaves = Leaves()
  private(set) var dots = Dots()

  /// The leaves that the tests speak of.
  struct Leaves {
    var creation: UInt64 = 0
    var role: UInt64 = 0
    var omarsNote: UInt64 = 0
    var conflict: UInt64 = 0
    var resolution: UInt64 = 0
    var deletion: UInt64 = 0
    var keptAlive: UInt64 = 0
  }

  /// The changes that the tests speak of.
  struct Dots {
    var creation = Dot(.zero, 1)
    var omarsNote = Dot(.zero, 1)
    var laylasNote = Dot(.zero, 1)
    var laylasTag = Dot(.zero, 1)
    var resolution = Dot(.zero, 1)
    var deletion = Dot(.zero, 1)
    var keptAlive = Dot(.zero, 1)
  }

  static let text = "السلام عليكم\nA second line, with words.\n"

  init() throws {
    let (disk, time) = (try SimulatedDisk(), SimulatedTime())
    self.disk = disk
    guard let name = KeyName("example.com/audited"),
      let signer = NoteSigner(name: name, seed: [UInt8](repeating: 5, count: 32))
    else { throw StoreFailure.corrupt("no signer") }
    self.signer = signer
    exchange = StoreExchange(signer: signer, time: 1_700_000_500_000)
    func machine(_ seed: UInt64) -> Machine {
      .simulated(seed: seed, time: time, skew: 0, stateDirectory: disk.folder("state-\(seed)"))
    }
    layla = try Workspace.found(in: disk.folder("layla"), analyst: "Layla", machine: machine(1))
    try exchange.publish(layla)
    var joined: [Workspace] = []
    for (seed, name) in [(UInt64(2), "Omar"), (3, "Nadia")] {
      let invitation = try layla.edit { try $0.invite(name: name, role: .annotator) }
      try exchange.sync(layla)
      let store = try Workspace.join(
        in: disk.folder(name), invite: invitation.code, machine: machine(seed))
      try exchange.sync(store)
      joined.append(store)
    }
    (omar, nadia) = (joined[0], joined[1])
    (article, annotation) = try Self.begin(layla, &dots)
    try play()
  }

  private static func begin(_ layla: Workspace, _ dots: inout Dots) throws -> (RecordID, RecordID) {
    let article = try layla.edit {
      try $0.addArticle(bytes: Array(text.utf8), title: "Peace", source: nil, file: "001.txt")
    }.record
    let made = try layla.edit {
      try $0.annotate(
        article: article, spans: [Span(start: 0, end: 6)], label: "claim", note: "first",
        tags: ["t"]
      ).made
    }
    if let dot = made.dot { dots.creation = dot }
    return (article, made.record)
  }

  private func play() throws {
    leaves.creation = try sync(layla)
    try exchange.pull(omar)
    dots.omarsNote = try change(omar, RecordEdit(note: "by Omar"))
    dots.laylasNote = try change(layla, RecordEdit(note: "by Layla"))
    dots.laylasTag = try change(layla, RecordEdit(removeTags: ["t"]))
    leaves.omarsNote = try push(omar)
    leaves.conflict = try sync(layla)
    let resolved = try layla.edit {
      try $0.resolve(annotation, AnnotationField.note, with: .text("by both"), reason: "agreed")
    }
    if let dot = resolved.dot { dots.resolution = dot }
    leaves.resolution = try sync(layla)
    try exchange.pull(omar)
    let deleted = try omar.edit { try $0.delete(annotation) }
    if let dot = deleted.dot { dots.deletion = dot }
    dots.keptAlive = try change(layla, RecordEdit(addTags: ["u"]))
    leaves.deletion = try push(omar)
    leaves.keptAlive = try sync(layla)
    try layla.edit { try $0.setRole(member: "Nadia", role: .auditor) }
    leaves.role = try sync(layla)
    try exchange.pull(omar)
  }

  private func change(_ store: Workspace, _ edit: RecordEdit) throws -> Dot {
    guard let dot = try store.edit({ try $0.edit(annotation, edit).made }).dot else {
      throw StoreFailure.corrupt("an edit changed nothing")
    }
    return dot
  }

  /// Pushes and returns the last leaf.
  private func push(_ store: Workspace) throws -> UInt64 {
    try exchange.push(store)
    return exchange.log.treeSize - 1
  }

  private func sync(_ store: Workspace) throws -> UInt64 {
    let leaf = try push(store)
    try exchange.pull(store)
    return leaf
  }

  /// Pushes what a store has, and pulls.
  func share(_ store: Workspace) throws { _ = try sync(store) }

  /// The batch that a store would push now.
  func nextBatch(of store: Workspace) throws -> [UInt8] {
    guard let batch = try store.prepareExchange(bytesMax: .max).batches.first else {
      throw StoreFailure.corrupt("nothing is pending")
    }
    return batch.bytes
  }
}
