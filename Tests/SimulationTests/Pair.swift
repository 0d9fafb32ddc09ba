import AnnotationModel
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import WorkspaceStore

@testable import SyncServer

/// A founder and a member with the real client and server between them, for what is told step by step.
final class Pair {
  let disk: SimulatedDisk
  let time = SimulatedTime()
  let server: SimulatedServer
  let exchange: SimulatedExchange
  let random = SeededRandom(seed: 1)
  let layla: SimulatedStore
  let omar: SimulatedStore
  let article: RecordID

  init() throws {
    let disk = try SimulatedDisk()
    self.disk = disk
    server = try SimulatedServer(in: disk.folder("server"), time: time)
    exchange = SimulatedExchange(server: server)
    layla = try SimulatedStore(
      "layla", path: disk.folder("layla"),
      machine: .simulated(
        seed: 1, time: time, skew: 0, stateDirectory: disk.folder("state-layla"))
    ) { try Workspace.found(in: $0, analyst: "Layla", machine: $1) }
    try layla.workspace.setServer(server.claim)
    article = try layla.workspace.edit {
      try $0.addArticle(
        bytes: Array("words to mark".utf8), title: nil, source: nil, file: nil
      ).record
    }
    let invitation = try layla.workspace.edit { try $0.invite(name: "Omar", role: .annotator) }
    _ = try exchange.run(.sync, layla.workspace, .none, random)
    omar = try Self.join("omar", seed: 2, invitation.code, disk, time)
    for store in [omar, layla] { try sync(store) }
  }

  private static func join(
    _ name: String, seed: UInt64, _ code: ShareCode, _ disk: SimulatedDisk, _ time: SimulatedTime
  ) throws -> SimulatedStore {
    try SimulatedStore(
      name, path: disk.folder(name),
      machine: .simulated(
        seed: seed, time: time, skew: 0, stateDirectory: disk.folder("state-" + name))
    ) { try Workspace.join(in: $0, invite: code, machine: $1) }
  }

  /// A further member's store, whose enrolment and invite are pending.
  func invite(_ name: String, seed: UInt64) throws -> SimulatedStore {
    let invitation = try layla.workspace.edit { try $0.invite(name: name, role: .annotator) }
    return try Self.join(name, seed: seed, invitation.code, disk, time)
  }

  @discardableResult
  func sync(
    _ store: SimulatedStore, _ mode: ExchangeMode = .sync, _ fault: NetworkFault = .none
  ) throws -> SyncOutcome {
    try exchange.run(mode, store.workspace, fault, random)
  }

  func annotate(_ store: SimulatedStore, _ note: String) throws {
    _ = try mark(store, note)
  }

  /// An annotation with a note; returns its record.
  func mark(_ store: SimulatedStore, _ note: String) throws -> RecordID {
    try store.workspace.edit {
      try $0.annotate(
        article: article, spans: [Span(start: 0, end: 5)], note: note
      ).made.record
    }
  }

  func setRole(_ role: Role) throws {
    try layla.workspace.edit { try $0.setRole(member: "Omar", role: role) }
    try sync(layla)
  }

  func notes(_ store: SimulatedStore) throws -> Set<String> {
    Set(try store.workspace.read { try $0.items(ItemFilter()).compactMap(\.note) })
  }

  func replicaCount(_ store: SimulatedStore) throws -> Int {
    try store.workspace.read { try $0.ownReplicaCount() }
  }

  /// The server's log, followed leaf by leaf.
  func replayedLog() throws -> MemoryLog {
    var log = MemoryLog(signer: server.signer, schema: AnnotationSchema.schema)
    let leaves = try server.hosted.log.read { db in
      try LogReader(db).leaves(from: 0, countMax: 1_000, bytesMax: .max)
    }
    for leaf in leaves { try log.follow(leaf: leaf.leafBytes, batch: leaf.batchBytes) }
    return log
  }
}
