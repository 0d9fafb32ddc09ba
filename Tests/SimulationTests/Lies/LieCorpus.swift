import AnnotationModel
import Crypto
import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

@testable import WorkspaceStore

/// An honest log in which everything occurs that a batch can hold, with the keys of all who made it.
final class LieCorpus {
  let schema: WireSchema
  let disk: SimulatedDisk
  let time = SimulatedTime()
  let server: SimulatedServer
  private(set) var exchange: StoreExchange
  private(set) var keys: [ReplicaID: Curve25519.Signing.PrivateKey] = [:]
  /// Joins last, and has none of the leaves yet.
  private(set) var newcomer: SimulatedStore
  private var stores: [SimulatedStore] = []

  var log: MemoryLog { exchange.log }

  init() throws {
    schema = try Self.wireSchema()
    let disk = try SimulatedDisk()
    self.disk = disk
    server = try SimulatedServer(in: disk.folder("server"))
    exchange = StoreExchange(signer: server.signer, time: 1_700_000_500_000)
    let time = time
    func store(_ name: String, _ make: @escaping (String, Machine) throws -> Workspace) throws
      -> SimulatedStore
    {
      try SimulatedStore(
        name, path: disk.folder(name),
        machine: .simulated(
          seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }), time: time, skew: 0,
          stateDirectory: disk.folder("state-" + name)), make: make)
    }
    let layla = try store("layla") { try Workspace.found(in: $0, analyst: "Layla", machine: $1) }
    try exchange.publish(layla.workspace)
    var joined: [SimulatedStore] = []
    for name in ["omar", "nadia"] {
      let code = try layla.workspace.edit {
        try $0.invite(name: name, role: .annotator, expires: 1_800_000_000_000)
      }.code
      try exchange.sync(layla.workspace)
      let member = try store(name) {
        try Workspace.join(in: $0, invite: code, device: "\(name)'s laptop", machine: $1)
      }
      try exchange.sync(member.workspace)
      joined.append(member)
    }
    newcomer = layla
    stores = [layla] + joined
    try play(layla, joined[0], joined[1])
    let code = try layla.workspace.edit { try $0.invite(name: "Zaid", role: .admin) }.code
    try exchange.sync(layla.workspace)
    newcomer = try store("zaid") { try Workspace.join(in: $0, invite: code, machine: $1) }
    for store in stores {
      for replica in try store.workspace.read({ try OwnReplica.all($0.db) }) {
        keys[replica.id] = replica.signingKey
      }
    }
  }

  /// The messages as `Protocol` defines them.
  static func wireSchema() throws -> WireSchema {
    try WireSchema(
      folder: URL(filePath: #filePath).appending(path: "../../../../Protocol/hashiya/v1")
        .standardized.path)
  }

  /// Everything that people do, and what a copied store comes to.
  private func play(_ layla: SimulatedStore, _ omar: SimulatedStore, _ nadia: SimulatedStore)
    throws
  {
    let article = try layla.workspace.edit {
      try $0.addArticle(
        bytes: Array("السلام عليكم\nwords".utf8), title: "Peace", source: nil, file: "1.txt")
    }.record
    let marked = try layla.workspace.edit {
      try $0.annotate(
        article: article, spans: [Span(start: 0, end: 6)], label: "claim", note: "first",
        tags: ["t"]
      ).made
    }.record
    try exchange.sync(layla.workspace)
    try exchange.pull(omar.workspace)
    let shown = try omar.workspace.read { try $0.state(of: marked)?.clock }
    try edit(omar, marked, RecordEdit(note: "by Omar"))
    try edit(layla, marked, RecordEdit(note: "by Layla", removeTags: ["t"]))
    for store in [omar, layla] { try exchange.sync(store.workspace) }
    try exchange.pull(omar.workspace)
    // An older form, and what it comes to.
    _ = try omar.workspace.edit {
      try $0.edit(marked, RecordEdit(note: "an older form"), against: shown)
    }
    try exchange.sync(omar.workspace)
    try exchange.pull(layla.workspace)
    _ = try layla.workspace.edit {
      try $0.resolve(marked, AnnotationField.note, with: .text("by all"), reason: "agreed")
    }
    try exchange.sync(layla.workspace)
    // Taken back: a value, and a delete.
    try edit(layla, marked, RecordEdit(note: "a mistake"))
    try exchange.sync(layla.workspace)
    _ = try layla.workspace.edit { try $0.undo() }
    _ = try layla.workspace.edit { try $0.delete(marked) }
    _ = try layla.workspace.edit { try $0.undo() }
    try exchange.sync(layla.workspace)
    try members(layla, nadia)
    try copies(omar, marked)
    try exchange.pull(layla.workspace)
    try layla.workspace.edit { _ = try $0.revoke(member: "nadia") }
    try exchange.sync(layla.workspace)
  }

  private func members(_ layla: SimulatedStore, _ nadia: SimulatedStore) throws {
    try layla.workspace.edit { try $0.rename(member: "omar", to: "Omar") }
    try layla.workspace.edit { try $0.setRole(member: "nadia", role: .adjudicator) }
    let invitation = try layla.workspace.edit { try $0.invite(name: "Sami", role: .annotator) }
    try exchange.sync(layla.workspace)
    try layla.workspace.edit { _ = try $0.withdrawInvites(named: invitation.name) }
    try exchange.sync(layla.workspace)
  }

  /// Two copies of one store that do not know of each other, and one that reissues what it made.
  private func copies(_ omar: SimulatedStore, _ marked: RecordID) throws {
    try exchange.pull(omar.workspace)
    try edit(omar, marked, RecordEdit(label: "rumour"))
    try exchange.sync(omar.workspace)
    let (path, state) = (disk.folder("copy"), disk.folder("state-copy"))
    try omar.reopen {
      try disk.copy(omar.path, to: path)
      try disk.copy(omar.machine.stateDirectory, to: state)
    }
    let copy = try SimulatedStore(
      "copy", path: path,
      machine: .simulated(seed: 99, time: time, skew: 0, stateDirectory: state))
    stores.append(copy)
    try edit(omar, marked, RecordEdit(note: "at the desk"))
    try exchange.sync(omar.workspace)
    let clock = try copy.workspace.read { try $0.state(of: marked)?.clock }
    _ = try copy.workspace.edit {
      try $0.edit(marked, RecordEdit(note: "on the road"), against: clock)
    }
    try exchange.pull(copy.workspace)
    try exchange.sync(copy.workspace)
  }

  private func edit(_ store: SimulatedStore, _ record: RecordID, _ edit: RecordEdit) throws {
    _ = try store.workspace.edit { try $0.edit(record, edit) }
  }
}
