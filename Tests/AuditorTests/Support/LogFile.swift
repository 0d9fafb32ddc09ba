import AnnotationModel
import Auditor
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// A log's file as a server keeps it, written by whoever has the log's key, honest or not.
struct LogFile {
  let database: LogDatabase
  private let signer: NoteSigner

  /// An empty log.
  init(in team: AuditedTeam, _ name: String = UUID().uuidString) throws {
    signer = team.signer
    let key = signer.verifierKey
    database = try LogDatabase(path: team.disk.folder(name))
    try database.write { db in
      var writer = try LogWriter(unsigned: db)
      try writer.setLogKey(key)
    }
  }

  /// The team's log as it is.
  init(honest team: AuditedTeam) throws {
    try self.init(in: team)
    for leaf in team.exchange.log.leaves { try append(leaf) }
  }

  /// Appends a leaf, whatever it states, with the tree's hashes of its bytes, and signs a checkpoint.
  func append(_ leaf: ReplayedLeaf, isSigned: Bool = true) throws {
    try database.write { db in
      var writer = try LogWriter(unsigned: db)
      try append(leaf, isSigned, to: &writer)
    }
  }

  /// Judges a batch by rules that `lie` has changed the membership for, and appends what comes out.
  func append(
    _ batch: [UInt8], time: Int64, isSigned: Bool = true,
    lie: (inout MembershipState) throws -> Void = { _ in }
  ) throws {
    try database.write { db in
      var writer = try LogWriter(unsigned: db)
      var view = LyingView(truth: writer.reader, membership: writer.reader.membership)
      try lie(&view.membership)
      let replay = LeafReplay(schema: AnnotationSchema.schema)
      guard
        case .new(let leaf) = try replay.append(
          ReceivedBatch(decoding: batch), to: view, time: time)
      else { throw StoreFailure.corrupt("the batch holds nothing new") }
      try append(leaf, isSigned, to: &writer)
    }
  }

  private func append(
    _ leaf: ReplayedLeaf, _ isSigned: Bool, to writer: inout LogWriter
  ) throws {
    try writer.append(leaf)
    guard isSigned else { return }
    let size = writer.reader.treeSize
    try writer.store(checkpoint: note(ofSize: size, writer.reader), ofSize: size)
  }

  private func note(ofSize size: UInt64, _ reader: LogReader) throws -> [UInt8] {
    guard let root = try Digest32(bytes: reader.root(ofSize: size).bytes) else { return [] }
    let checkpoint = Checkpoint(
      origin: signer.verifierKey.name.line, size: TreeSize(size), root: root)
    return try SignedCheckpoint(signing: checkpoint, by: [signer]).note.encoded
  }

  /// Changes the file behind the programs' backs, references that break included.
  func alter(_ sql: String, _ arguments: StatementArguments = []) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: database.path, configuration: configuration)
    try queue.write { db in
      try db.execute(sql: sql, arguments: arguments)
      guard db.changesCount > 0 else { throw StoreFailure.corrupt("nothing was altered") }
    }
    try queue.close()
  }

  /// The bytes in one column of one leaf.
  func bytes(_ column: String, ofLeaf leaf: UInt64) throws -> [UInt8] {
    try database.read { db in
      let data = try Data.fetchOne(
        db, sql: "SELECT \(column) FROM leaf WHERE position = ?", arguments: [Int64(leaf)])
      return Array(data ?? Data())
    }
  }

  /// Alters the bytes in one column of one leaf.
  func alter(
    _ column: String, ofLeaf leaf: UInt64, _ change: (inout [UInt8]) throws -> Void
  ) throws {
    var bytes = try bytes(column, ofLeaf: leaf)
    try change(&bytes)
    try alter(
      "UPDATE leaf SET \(column) = ? WHERE position = ?", [Data(bytes), Int64(leaf)])
  }

  func audit() throws -> AuditResult { try LogAuditor(source: database).audit() }
}

/// A log whose server states another membership than its leaves come to.
private struct LyingView: LogView {
  let truth: LogReader
  var membership: MembershipState

  var workspace: Digest256? { truth.workspace }
  var logKey: VerifierKey? { truth.logKey }
  var treeSize: UInt64 { truth.treeSize }
  var stateDigest: Digest256 { truth.stateDigest }
  func root(ofSize size: UInt64) throws -> Digest256 { try truth.root(ofSize: size) }
  func chainHead(of replica: ReplicaID) throws -> ChainHead? { try truth.chainHead(of: replica) }
  func chainHash(at dot: Dot) throws -> Digest256? { try truth.chainHash(at: dot) }
  func leafIndex(of dot: Dot) throws -> UInt64? { try truth.leafIndex(of: dot) }
  func highestCounter(of replica: ReplicaID, inFirst size: UInt64) throws -> Counter {
    try truth.highestCounter(of: replica, inFirst: size)
  }
  func contains(_ identity: ChangeIdentity) throws -> Bool { try truth.contains(identity) }
  func state(of record: RecordID) throws -> RecordState? { try truth.state(of: record) }
  func carriers(of identity: ChangeIdentity) throws -> [Carrier] {
    try truth.carriers(of: identity)
  }
  func partOperations(
    on record: RecordID, _ part: RecordPart, dotsMax: Int
  ) throws -> [PartOperation] {
    try truth.partOperations(on: record, part, dotsMax: dotsMax)
  }
}
