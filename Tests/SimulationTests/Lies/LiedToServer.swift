import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// The real server, as far as it has followed the honest log, and put back to there after each lie.
final class LiedToServer {
  let corpus: LieCorpus
  private let path: String
  private let clean: String
  private var fingerprint: [Data] = []

  /// A server whose slot is empty.
  init(_ corpus: LieCorpus) throws {
    self.corpus = corpus
    path = corpus.disk.folder("server")
    clean = corpus.disk.folder("server-clean")
    try begin()
  }

  private var server: SimulatedServer { corpus.server }

  /// Takes the server as it is now for what every further lie begins with.
  func begin() throws {
    try server.restart {
      try corpus.disk.copy(path, to: clean)
      try corpus.disk.copy(path + "-state", to: clean + "-state")
    }
    fingerprint = bytes()
  }

  private func bytes() -> [Data] {
    ["", "-wal"].map {
      let file = server.hosted.folder.path + "/log.sqlite" + $0
      return FileManager.default.contents(atPath: file) ?? Data()
    }
  }

  /// Puts the server back to where it began, if anything was changed.
  func reset() throws {
    guard bytes() != fingerprint else { return }
    try server.restart {
      try corpus.disk.copy(clean, to: path)
      try corpus.disk.copy(clean + "-state", to: path + "-state")
    }
    fingerprint = bytes()
  }

  /// The request that brings a leaf's batch, as its author sends it.
  func request(_ batch: [UInt8], of leaf: ReplayedLeaf) throws -> [[UInt8]] {
    var opening = WireRequestFrame()
    opening.opening.protocol = exchangeProtocolVersion
    opening.opening.mode = .push
    opening.opening.context = SignedContext.empty.wire
    if leaf.index == 0 { opening.opening.claim = Data(corpus.server.claim.secret) }
    var frame = WireRequestFrame()
    frame.batch = Data(batch)
    return [try opening.serializedBytes(), try frame.serializedBytes()]
  }

  /// Brings a batch; the leaf that it made, or nil.
  func take(_ batch: [UInt8], of leaf: ReplayedLeaf, _ what: String) throws -> [UInt8]? {
    try hear(try request(batch, of: leaf).flatMap { framed($0) }, of: leaf, what)
  }

  /// Hears a request of the author of a leaf; what it appended, after checking that this is at most one
  /// leaf, that the log is the honest one before it, that nothing stopped the server, and that what it
  /// said is in the table of errors.
  func hear(_ body: [UInt8], of leaf: ReplayedLeaf, _ what: String) throws -> [UInt8]? {
    do {
      _ = try server.answer(
        body, by: leaf.judgement.batch.header.replica,
        now: Timestamp(leaf.leaf.time)?.milliseconds ?? 0)
    } catch let problem as ServerProblem {
      try require(
        problem.code != ProblemCode.internalError.rawValue, "\(what): \(problem.detail)")
    }
    try require(server.hosted.recoveryNeed() == nil, "\(what): the server stops")
    guard bytes() != fingerprint else { return nil }
    let leaves = try server.hosted.log.read { db in
      try LogReader(db).leaves(from: 0, countMax: 1_000, bytesMax: .max)
    }
    try require(leaves.count <= Int(leaf.index) + 1, "\(what): more than one leaf")
    for (own, honest) in zip(leaves, corpus.log.leaves[..<Int(leaf.index)]) {
      try require(
        own.leafBytes == honest.leafBytes && own.batchBytes == honest.judgement.batch.bytes,
        "\(what): leaf \(own.index) has changed")
    }
    return leaves.count > Int(leaf.index) ? leaves[Int(leaf.index)].leafBytes : nil
  }
}
