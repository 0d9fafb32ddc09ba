import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

/// A team behind a relay that can answer in the server's place, with the server's own key.
struct LiedTo {
  let scene: Scene
  let server: ServerHost
  let relay: AnswerRelay
  let layla: Analyst
  let omar: Analyst

  static let slot = "press"

  /// Plays a scene in which Layla's article and Omar's enrolment are everywhere.
  static func play(_ body: (LiedTo) throws -> Void) throws {
    try Scene.play { scene in
      let server = try scene.server(publicPort: FreePort.next())
      let relay = try AnswerRelay(port: server.publicPort, target: server.port)
      let claim = try server.createWorkspace(slot)
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("publish", claim)
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla))
      try layla("sync")
      try body(LiedTo(scene: scene, server: server, relay: relay, layla: layla, omar: omar))
      withExtendedLifetime(relay) {}
    }
  }

  /// A second server with the same data, key and memory, serving on a port of its own.
  func twin() throws -> ServerHost {
    let twin = try scene.server("twin", publicPort: server.publicPort)
    server.stop()
    try scene.copy(server.data, to: twin.data)
    try scene.copy(server.machine.stateFolder, to: twin.machine.stateFolder)
    try server.start()
    return try twin.start()
  }

  /// The log's secret key.
  func signer() throws -> NoteSigner { try Self.signer(server) }

  static func signer(_ server: ServerHost) throws -> NoteSigner {
    let path = server.data + "/workspaces/\(slot)/log.skey"
    let text = String(decoding: try fileBytes(path), as: UTF8.self)
    return try NoteSigner(secretText: text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// All leaves that a store has, with their batches.
  static func entries(_ analyst: Analyst) throws -> [ReceivedEntry] {
    let file = "\(UUID().uuidString).bundle"
    try analyst("sync", "bundle", "create", file)
    return try Bundle(decoding: fileBytes(analyst.folder + "/" + file)).entries
  }

  /// The signed note of a log of these leaves.
  static func note(_ leaves: [[UInt8]], by signer: NoteSigner) throws -> [UInt8] {
    var tree = TreeAccumulator()
    for leaf in leaves { tree.append(leafHash: MerkleTree.leafHash(leaf)) }
    let checkpoint = Checkpoint(
      origin: signer.verifierKey.name.line, size: tree.size, root: tree.root)
    return try SignedCheckpoint(signing: checkpoint, by: [signer]).note.encoded
  }
}

extension Analyst {
  /// How many pieces of evidence the store keeps.
  func evidenceCount() throws -> Int { try json("evidence").items.count }
}

extension WireResponseFrame {
  /// A frame of these parts.
  init(_ fill: (inout WireResponseFrame) -> Void) {
    self.init()
    fill(&self)
  }

  static func entry(_ entry: ReceivedEntry) -> WireResponseFrame {
    WireResponseFrame {
      $0.entry.index = entry.index
      $0.entry.leaf = Data(entry.leaf)
      $0.entry.batch = Data(entry.batch)
    }
  }

  static func checkpoint(_ note: [UInt8]) -> WireResponseFrame {
    WireResponseFrame { $0.checkpoint = Data(note) }
  }

  static func welcome(_ workspace: [UInt8], size: Int) -> WireResponseFrame {
    WireResponseFrame {
      $0.welcome.protocol = exchangeProtocolVersion
      $0.welcome.workspace = Data(workspace)
      $0.welcome.treeSize = UInt64(size)
    }
  }

  static let end = WireResponseFrame { $0.end.more = false }
}
