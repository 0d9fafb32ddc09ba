import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// A hosted workspace in a folder of its own, without HTTP, into which its founder has published.
final class TestServer {
  let disk: SimulatedDisk
  let folder: ServerFolder
  private(set) var hosted: HostedWorkspace
  let secret: [UInt8]
  var founder: BatchAuthor

  init() throws {
    disk = try SimulatedDisk()
    folder = try ServerFolder.create(
      at: disk.folder("server"), origin: "example.com", url: "http://127.0.0.1:7420",
      state: disk.folder("state"))
    let slot = folder.workspace("team")
    secret = try slot.create()
    hosted = try HostedWorkspace(opening: slot)
    founder = try BatchAuthor(number: 1)
    founder.found(member: 1, name: "Layla")
    _ = try exchange([founder.seal()], by: founder.id, claim: secret)
  }

  /// Ends the process, lets `body` do something to its files, and starts another.
  func restart(after body: () throws -> Void = {}) throws {
    try hosted.close()
    try body()
    hosted = try HostedWorkspace(opening: hosted.folder)
    try hosted.signEnd()
  }

  /// Copies a folder of the disk, over what is there.
  func copy(_ source: String, to target: String) throws {
    try disk.copy(disk.folder(source), to: disk.folder(target))
  }

  /// How many leaves the log has.
  var treeSize: UInt64 {
    get throws { try hosted.log.read { try LogReader(unverified: $0).treeSize } }
  }

  /// Every leaf with its batch, as the log has them.
  func leaves() throws -> [ReceivedEntry] {
    try hosted.log.read { db in
      try LogReader(unverified: db).leaves(from: 0, countMax: 1_000, bytesMax: .max).map {
        ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.batchBytes)
      }
    }
  }

  /// What the founder pushes next: a change of its own on the whole log.
  @discardableResult
  func append(_ label: String = "x") throws -> ExchangeAnswer {
    let note = try hosted.processCheckpoint() ?? []
    let signed = try Checkpoint(text: SignedNote(note).text)
    founder.make(
      [DraftOperation(try LabelID(name: label).record, .delete)],
      in: SignedContext(
        treeSize: signed.size.rawValue, root: Digest256(signed.root.bytes)))
    return try exchange([founder.seal(checkpoint: note)], by: founder.id)
  }

  /// One exchange, as HTTP would hand it over.
  @discardableResult
  func exchange(
    _ batches: [[UInt8]], by replica: ReplicaID, mode: ExchangeMode = .push,
    checkpoint: [UInt8] = [], claim: [UInt8] = []
  ) throws -> ExchangeAnswer {
    try hosted.processExchange(
      ExchangeRequest(
        opening: ExchangeOpening(
          mode: mode, context: .empty, checkpoint: checkpoint, claim: claim), batches: batches),
      by: replica, now: 1_776_159_000_000)
  }

  /// A checkpoint that the log's key signs over leaves that it may not have.
  func checkpoint(ofSize size: UInt64, root: Digest32 = MerkleTree.emptyRoot) throws -> [UInt8] {
    try SignedCheckpoint(
      signing: Checkpoint(origin: hosted.logKey.name.line, size: TreeSize(size), root: root),
      by: hosted.signer.map { [$0] } ?? []
    ).note.encoded
  }
}

/// What somebody had received of a log before the log lost it.
struct Holder {
  let entries: [ReceivedEntry]
  /// The note of each size that was signed.
  let notes: [UInt64: [UInt8]]

  /// Everything that a server has now.
  init(_ server: TestServer) throws {
    entries = try server.leaves()
    notes = try server.hosted.log.read { db in
      Dictionary(
        uniqueKeysWithValues: try LogReader(unverified: db).checkpoints(after: 0, upTo: 1_000)
          .map { ($0.size, $0.note) })
    }
  }

  /// The tree of the first leaves.
  func tree(_ size: UInt64) -> StoredHashes {
    var tree = StoredHashes()
    for entry in entries.prefix(Int(size)) {
      tree.append(leafHash: MerkleTree.leafHash(entry.leaf))
    }
    return tree
  }

  /// A request's body: the note of a size, prefixes and leaves of it.
  func body(
    note size: UInt64, prefixes: [UInt64] = [], leaves: [UInt64] = [],
    changing change: (inout WireHeldLeaf) -> Void = { _ in }
  ) throws -> [UInt8] {
    let tree = tree(size)
    var frames: [WireHealingFrame.OneOf_Frame] = [.checkpoint(Data(notes[size] ?? []))]
    frames += prefixes.map { old in
      var prefix = WireHeldPrefix()
      prefix.size = old
      prefix.root = Data(self.tree(old).root.bytes)
      prefix.proof = ConsistencyProof(old: TreeSize(old), new: TreeSize(size), from: tree)
        .hashes.map { Data($0.bytes) }
      return .prefix(prefix)
    }
    frames += leaves.map { index in
      var leaf = WireHeldLeaf()
      leaf.index = index
      leaf.leaf = Data(entries[Int(index)].leaf)
      leaf.batch = Data(entries[Int(index)].batch)
      leaf.proof = InclusionProof(leaf: LeafIndex(index), size: TreeSize(size), from: tree)
        .hashes.map { Data($0.bytes) }
      change(&leaf)
      return .leaf(leaf)
    }
    return try frames.flatMap { kind in
      var frame = WireHealingFrame()
      frame.frame = kind
      return framed(try frame.serializedBytes())
    }
  }
}

extension TestServer {
  /// One healing request, as HTTP would hand it over.
  @discardableResult
  func heal(_ body: [UInt8], stagedBytesMax: Int = ServerLimits.stagedBytesMax) throws
    -> HealingStanding
  {
    var reader = HealingRequestReader(logKey: hosted.logKey)
    try reader.append(body)
    return try hosted.processHealing(reader.finish(), stagedBytesMax: stagedBytesMax)
  }
}

extension Problem {
  /// The code of the problem that `body` is refused with; nil when it is not refused.
  static func code(_ body: () throws -> Void) throws -> String? {
    do {
      try body()
      return nil
    } catch let problem as Problem {
      return problem.row.code
    }
  }
}
