import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncClient

/// A store, the log that it has published into, and answers made by hand.
final class LogDesk {
  private let disk: SimulatedDisk
  let store: Workspace
  let signer: NoteSigner
  var exchange: StoreExchange
  /// Makes the store's next batch.
  private var labels = 0

  init() throws {
    disk = try SimulatedDisk()
    guard let name = KeyName("example.com/desk"),
      let signer = NoteSigner(name: name, seed: [UInt8](repeating: 5, count: 32))
    else { throw StoreFailure.corrupt("the signer cannot be made") }
    self.signer = signer
    store = try Workspace.found(
      in: disk.folder("store"), analyst: "Layla",
      machine: .simulated(
        seed: 4, time: SimulatedTime(), skew: 0, stateDirectory: disk.folder("state")))
    exchange = StoreExchange(signer: signer)
    try exchange.publish(store)
  }

  var log: MemoryLog { exchange.log }

  /// One more change in the store.
  func edit() throws {
    labels += 1
    try store.edit { _ = try $0.addLabel("label \(labels)") }
  }

  func acknowledgedCount() throws -> Int {
    try store.read { try $0.exchangeStanding().acknowledged }
  }

  func treeSize() throws -> UInt64 { try store.read { $0.log.treeSize } }

  /// One round with this answer; what it ends in.
  func play(_ mode: ExchangeMode, _ answer: (ExchangeRound) throws -> [UInt8]) throws -> Bool {
    var run = ExchangeRun(workspace: store, mode: mode, progress: { _ in })
    var round = try run.begin()
    let bytes = try answer(round)
    try run.receive(bytes, into: &round)
    return try run.end(round)
  }

  /// What a round with this answer is refused with; nil when it is not.
  func failure(_ mode: ExchangeMode, _ answer: (ExchangeRound) throws -> [UInt8]) -> SyncFailure? {
    do {
      _ = try play(mode, answer)
      return nil
    } catch {
      return SyncFailure(error)
    }
  }
}

// MARK: - Answers

extension LogDesk {
  func welcome(size: UInt64? = nil) throws -> [UInt8] {
    try frame {
      $0.welcome.protocol = exchangeProtocolVersion
      $0.welcome.workspace = Data(log.workspace?.bytes ?? [])
      $0.welcome.treeSize = size ?? log.treeSize
    }
  }

  /// The outcomes of a round's batches in `log`, with proofs for a head of `size` leaves.
  func outcomes(_ round: ExchangeRound, in log: MemoryLog, size: UInt64) throws -> [UInt8] {
    try round.outgoing.batches.enumerated().flatMap { index, batch in
      let leaf = log.leafIndex(of: Dot(batch.replica, batch.last)) ?? 0
      return try frame {
        $0.outcome.batch = UInt32(index)
        $0.outcome.accepted.leafIndex = leaf
        $0.outcome.accepted.leaf = Data(log.leaves[Int(leaf)].leafBytes)
        if leaf < size {
          $0.outcome.accepted.proof = InclusionProof(
            leaf: LeafIndex(leaf), size: TreeSize(size), from: log.tree
          ).hashes.map { Data($0.bytes) }
        }
      }
    }
  }

  func consistency(from: UInt64, to size: UInt64, in log: MemoryLog) throws -> [UInt8] {
    try frame {
      $0.consistency.from = from
      $0.consistency.to = size
      $0.consistency.hashes = ConsistencyProof(
        old: TreeSize(from), new: TreeSize(size), from: log.tree
      ).hashes.map { Data($0.bytes) }
    }
  }

  func entries(_ range: Range<UInt64>) throws -> [UInt8] {
    try range.flatMap { index in
      try frame {
        $0.entry.index = index
        $0.entry.leaf = Data(log.leaves[Int(index)].leafBytes)
        $0.entry.batch = Data(log.leaves[Int(index)].judgement.batch.bytes)
      }
    }
  }

  func checkpoint(_ note: [UInt8]) throws -> [UInt8] { try frame { $0.checkpoint = Data(note) } }

  func end(more: Bool = false) throws -> [UInt8] { try frame { $0.end.more = more } }

  private func frame(_ fill: (inout WireResponseFrame) -> Void) throws -> [UInt8] {
    var frame = WireResponseFrame()
    fill(&frame)
    return framed(try frame.serializedBytes())
  }
}
