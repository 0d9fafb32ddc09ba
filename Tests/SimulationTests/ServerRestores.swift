import Foundation
import SimulationKit
import SyncClient
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// How a server comes to have fewer leaves than it signed.
enum ServerLoss: CaseIterable {
  /// The folder went back; the machine's record stayed.
  case folder
  /// The log's file is gone; the record stayed.
  case database
  /// The folder went back, and the record is gone.
  case folderAndRecord
  /// The whole machine went back.
  case machine
}

/// A server's folder and its machine's record as they were.
struct ServerBackup {
  var folder: String
  var state: String
  var size: UInt64
}

extension WorkspaceSimulation {
  private var serverFolder: String { disk.folder("server") }
  private var serverState: String { disk.folder("server-state") }

  private func serverSize() throws -> UInt64 {
    try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
  }

  func backUpServer() throws {
    // What a backup of a stopped log holds is known to be signed.
    guard try server.hosted.recoveryNeed() == nil else { return }
    let name = nextName()
    let size = try serverSize()
    try server.restart {
      try disk.copy(serverFolder, to: disk.folder(name))
      try disk.copy(serverState, to: disk.folder("state-" + name))
    }
    serverBackups.append(
      ServerBackup(folder: disk.folder(name), state: disk.folder("state-" + name), size: size))
    note("backup of the server at \(size)")
  }

  /// Takes leaves away from the server that somebody holds; others would be gone for good.
  func restoreServer() throws {
    guard let backup = random.pick(serverBackups), let loss = random.pick(ServerLoss.allCases),
      try server.hosted.recoveryNeed() == nil
    else { return }
    let size = try serverSize()
    let kept = loss == .database ? 0 : backup.size
    guard try (kept..<size).allSatisfy(isHeld) else { return }
    try server.restart {
      switch loss {
      case .folder: try disk.copy(backup.folder, to: serverFolder)
      case .database:
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(
            atPath: server.hosted.folder.path + "/log.sqlite" + suffix)
        }
      case .folderAndRecord:
        try disk.copy(backup.folder, to: serverFolder)
        try FileManager.default.removeItem(atPath: serverState)
      case .machine:
        try disk.copy(backup.folder, to: serverFolder)
        try disk.copy(backup.state, to: serverState)
      }
    }
    tally.serverRestores[loss, default: 0] += 1
    let left = try serverSize()
    note("server loses \(loss): \(left) of \(size)")
    // A machine that went back as a whole knows nothing before somebody shows it.
    if loss == .machine, left < size, let index = try largestHolder() {
      try sync(index, .pull, .none)
      try require(
        server.hosted.recoveryNeed() != nil, "the server goes on behind what it has signed")
    }
  }

  /// The operator's word, once every member has synced: by then the largest head is known.
  func decideForServer() throws {
    guard let need = try server.hosted.recoveryNeed() else { return }
    switch need {
    case .leaves: return
    case .noRecord, .recordDamaged, .otherCopy, .decision:
      for index in stores.indices { try sync(index, .pull, .none) }
      guard let need = try server.hosted.recoveryNeed() else { return }
      let isKnown = need.awaited != nil
      let standing = try server.hosted.recover(isKnown ? .heal : .nothingLost)
      note("operator decides over \(need): \(standing)")
    case .otherHistory, .fileReplaced, .keyLost:
      throw SimulationFault("the server needs what nobody can give: \(need)")
    }
  }

  /// Whether some store can prove a leaf to the server.
  private func isHeld(_ leaf: UInt64) throws -> Bool {
    try stores.contains { store in
      try store.workspace.read { reader in
        try reader.leafHoldings().contains {
          try reader.heldLeaf(in: leaf..<leaf + 1, of: $0) != nil
        }
      }
    }
  }

  /// The store that has seen the largest checkpoint.
  private func largestHolder() throws -> Int? {
    try stores.indices.map { index in
      (
        try stores[index].workspace.read { try $0.leafHoldings() }
          .compactMap { try? Checkpoint(text: SignedNote($0.note).text).size.rawValue }.max() ?? 0,
        index
      )
    }.max { $0.0 < $1.0 }?.1
  }
}
