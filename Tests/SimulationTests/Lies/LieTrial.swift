import AnnotationModel
import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

@testable import SyncClient
@testable import SyncServer
@testable import WorkspaceStore

/// A store that is lied to: what it may keep of an answer is what the honest log has.
final class LieTrial {
  /// What an answer came to.
  enum Verdict {
    /// The answer was refused, for this reason.
    case refused(SyncFailure)
    /// The answer was believed.
    case believed
  }

  let store: SimulatedStore
  /// The log as it is.
  private let log: MemoryLog
  private let path: String
  private var fingerprint: [Data] = []
  private let disk: SimulatedDisk
  private let clean: String

  /// - Parameter log: the honest log, of which the store has a prefix.
  init(_ store: SimulatedStore, in disk: SimulatedDisk, log: MemoryLog) throws {
    self.store = store
    self.log = log
    self.disk = disk
    path = store.path + "/store.sqlite"
    clean = store.path + "-clean"
    try begin()
  }

  /// Takes the store as it is now for what every further lie begins with.
  func begin() throws {
    // Whatever a process writes first is written.
    _ = try ExchangeRun(workspace: store.workspace, mode: .sync, progress: { _ in }).begin()
    try store.reopen {
      try disk.copy(store.path, to: clean)
      try disk.copy(store.machine.stateDirectory, to: clean + "-state")
    }
    fingerprint = bytes()
  }

  private func bytes() -> [Data] {
    ["", "-wal"].map { FileManager.default.contents(atPath: path + $0) ?? Data() }
  }

  /// Whether not a byte of the store has changed.
  var isUntouched: Bool { bytes() == fingerprint }

  /// Puts the store back to where it began, if anything was changed.
  func reset() throws {
    guard !isUntouched else { return }
    try store.reopen {
      try disk.copy(clean, to: store.path)
      try disk.copy(clean + "-state", to: store.machine.stateDirectory)
    }
    fingerprint = bytes()
  }

  /// One answer to what the store asks now.
  func hear(_ mode: ExchangeMode, _ answer: [UInt8]) throws -> Verdict {
    var run = ExchangeRun(workspace: store.workspace, mode: mode, progress: { _ in })
    var round = try run.begin()
    do {
      try run.receive(answer, into: &round)
      _ = try run.end(round)
      return .believed
    } catch {
      return .refused(SyncFailure(error))
    }
  }

  /// What must hold after whatever was said: the store has nothing that the log has not, it lost nothing
  /// of its own, and it accuses nobody without proof.
  ///
  /// - Parameters:
  ///   - evidence: how many proofs the lie gives.
  ///   - refused: how many changes may be set aside, since an honest server refuses them.
  func check(_ what: String, evidence: Int = 0, refused: Int = 0) throws {
    guard !isUntouched else {
      try require(evidence == 0, "\(what): no proof was kept")
      return
    }
    try store.workspace.read { reader in
      let size = reader.log.treeSize
      try require(size <= log.treeSize, "\(what): the store has \(size) leaves")
      try require(
        size == 0 || reader.log.root(ofSize: size) == log.root(ofSize: size),
        "\(what): the store has another history")
      let leaves = try reader.log.leaves(from: 0, countMax: 1_000, bytesMax: .max)
      for leaf in leaves {
        let honest = log.leaves[Int(leaf.index)]
        try require(
          leaf.leafBytes == honest.leafBytes
            && leaf.batchBytes == honest.judgement.batch.bytes,
          "\(what): leaf \(leaf.index) is kept otherwise than it is")
      }
      let kept = try reader.evidence()
      try require(
        kept.count == evidence, "\(what): \(kept.count) pieces of evidence, not \(evidence)")
      for piece in kept { _ = try piece.document.check() }
      try require(
        reader.quarantinedCount() <= refused, "\(what): honest work is set aside")
      try require(
        reader.ownReplicaCount() <= 1 + refused, "\(what): the store took itself for a copy")
    }
    for finding in try store.workspace.examine() where !finding.isGood {
      // That the server lied is a finding, where it is proved.
      if evidence > 0, finding.check.hasPrefix("the log's key signed") { continue }
      throw SimulationFault("\(what): \(finding.check): \(finding.problem ?? "")")
    }
  }
}

extension SyncFailure {
  /// Whether it is one of those that `Protocol/command-line.md` has an exit code for, other than that of
  /// a mistake in the program.
  var isDocumented: Bool {
    switch self {
    case .store(.database), .store(.inputOutput), .store(.corrupt): false
    default: true
    }
  }
}
