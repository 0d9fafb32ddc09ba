import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

@testable import SyncServer

/// A hosted workspace in a folder of its own, without HTTP, into which its founder has published.
final class TestServer {
  private let disk: SimulatedDisk
  let folder: ServerFolder
  let hosted: HostedWorkspace
  private(set) var founder: BatchAuthor

  init() throws {
    disk = try SimulatedDisk()
    folder = try ServerFolder.create(
      at: disk.folder("server"), origin: "example.com", url: "http://127.0.0.1:7420")
    let slot = folder.workspace("team")
    let secret = try slot.create()
    hosted = try HostedWorkspace(opening: slot)
    founder = try BatchAuthor(number: 1)
    founder.found(member: 1, name: "Layla")
    _ = try exchange([founder.seal()], by: founder.id, claim: secret)
  }

  /// What the founder pushes next: a change of its own on the whole log.
  @discardableResult
  func append() throws -> ExchangeAnswer {
    let note = try hosted.processCheckpoint() ?? []
    let signed = try Checkpoint(text: SignedNote(note).text)
    founder.make(
      [DraftOperation(try LabelID(name: "x").record, .delete)],
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
      by: [hosted.signer]
    ).note.encoded
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
