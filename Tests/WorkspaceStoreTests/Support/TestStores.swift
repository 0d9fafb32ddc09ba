import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Synchronization
import Testing
import TransparencyLog
import WorkspaceStore

/// A machine whose clock ticks a second a look and whose random numbers follow from a seed.
func testMachine(seed: UInt64, in folder: String) -> Machine {
  let clock = Mutex<Int64>(1_700_000_000_000)
  let state = Mutex<UInt64>(seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
  return Machine(
    now: {
      clock.withLock { time in
        time += 1_000
        return time
      }
    },
    randomBytes: { count in
      (0..<count).map { _ in state.withLock { splitMix(&$0) } }
    }, stateDirectory: folder + "/state-\(seed)")
}

private func splitMix(_ state: inout UInt64) -> UInt8 {
  state &+= 0x9E37_79B9_7F4A_7C15
  var mixed = state
  mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
  return UInt8(truncatingIfNeeded: (mixed ^ (mixed >> 31)) >> 24)
}

/// A real folder that goes when the test ends.
final class TestFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.path + "/hashiya-" + UUID().uuidString.lowercased()
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A founder's store alone, with one article.
final class LoneStore {
  let folder: TestFolder
  let store: Workspace
  let article: RecordID

  static let text = "السلام عليكم\nA second line, with words.\n"

  init() throws {
    folder = try TestFolder()
    store = try Workspace.found(
      in: folder.path + "/.hashiya", analyst: "Layla",
      machine: testMachine(seed: 1, in: folder.path))
    article = try store.edit {
      try $0.addArticle(bytes: Array(Self.text.utf8), title: "Peace", source: nil, file: "001.txt")
    }.record
  }

  /// An annotation of the first word.
  func annotate(note: String? = nil, label: String? = nil, tags: [String] = []) throws -> RecordID {
    try store.edit {
      try $0.annotate(
        article: article, spans: [Span(start: 0, end: 6)], label: label, note: note, tags: tags
      ).made.record
    }
  }

  func item(_ id: RecordID) throws -> ItemView {
    try #require(try store.read { try $0.item(id) })
  }
}

/// Three stores of one workspace and the log between them; Layla is the founder.
final class Team {
  let folder: TestFolder
  let layla: Workspace
  let omar: Workspace
  let nadia: Workspace
  let article: RecordID
  var exchange: StoreExchange

  init() throws {
    folder = try TestFolder()
    let name = try #require(KeyName("example.com/test"))
    let signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 9, count: 32)))
    exchange = StoreExchange(signer: signer)
    layla = try Workspace.found(
      in: folder.path + "/layla", analyst: "Layla",
      machine: testMachine(seed: 1, in: folder.path))
    try exchange.publish(layla)
    omar = try Self.join("Omar", seed: 2, folder, layla, &exchange)
    nadia = try Self.join("Nadia", seed: 3, folder, layla, &exchange)
    article = try layla.edit {
      try $0.addArticle(
        bytes: Array(LoneStore.text.utf8), title: "Peace", source: nil, file: "001.txt")
    }.record
    try syncAll()
  }

  private static func join(
    _ name: String, seed: UInt64, _ folder: TestFolder, _ admin: Workspace,
    _ exchange: inout StoreExchange
  ) throws -> Workspace {
    let invitation = try admin.edit { try $0.invite(name: name, role: .annotator) }
    try exchange.sync(admin)
    let code = try ShareCode(text: invitation.code.text)
    let store = try Workspace.join(
      in: folder.path + "/\(seed)", invite: code, machine: testMachine(seed: seed, in: folder.path))
    try exchange.sync(store)
    return store
  }

  /// Pushes in this order, then everybody pulls.
  func syncAll(_ order: [Workspace]? = nil) throws {
    let stores = order ?? [layla, omar, nadia]
    for store in stores { try exchange.push(store) }
    for store in stores { try exchange.pull(store) }
  }

  /// An annotation that everybody has.
  func sharedAnnotation(note: String = "first", label: String = "claim", tags: [String] = []) throws
    -> RecordID
  {
    let id = try layla.edit {
      try $0.annotate(
        article: article, spans: [Span(start: 0, end: 6)], label: label, note: note, tags: tags
      ).made.record
    }
    try syncAll()
    return id
  }

  /// A shared annotation whose note Layla and Omar rewrote apart.
  func noteConflict() throws -> RecordID {
    let id = try sharedAnnotation()
    try layla.edit { _ = try $0.edit(id, RecordEdit(note: "by Layla")) }
    try omar.edit { _ = try $0.edit(id, RecordEdit(note: "by Omar")) }
    try syncAll()
    return id
  }

  /// The same for everybody, or a failure.
  func expectOneState(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let digests = try [layla, omar, nadia].map { try $0.read { try $0.stateDigest() } }
    #expect(Set(digests).count == 1, sourceLocation: sourceLocation)
  }
}

extension ValueView {
  /// The text of a text value.
  var textValue: String? { if case .text(let text) = self { text } else { nil } }
}

extension Workspace {
  func conflicts() throws -> [ConflictView] { try read { try $0.conflicts() } }

  func clock(of id: RecordID) throws -> VectorClock {
    try #require(try read { try $0.state(of: id) }).clock
  }

  /// Edits one field, for short.
  @discardableResult
  func change(_ id: RecordID, _ change: RecordEdit, against: VectorClock? = nil) throws -> Made {
    try edit { try $0.edit(id, change, against: against).made }
  }
}

/// Whether a refusal is of this kind; payloads are compared by the test where they matter.
func refuses(
  _ body: () throws -> Void, where matches: (AuthoringRefusal) -> Bool
) -> Bool {
  do {
    try body()
    return false
  } catch let refusal as AuthoringRefusal {
    return matches(refusal)
  } catch {
    return false
  }
}
