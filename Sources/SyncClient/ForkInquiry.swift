import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Asks a log for its own hashes, to tell another history that its key signed from an answer that was
/// lost, cut or altered on its way.
///
/// A note of more leaves than are here contradicts them only together with hashes of its tree. Nobody
/// need trust those: with the note's root given, they can be no others.
struct ForkInquiry {
  let workspace: Workspace
  let transport: Transport
  let clockOffset: Int64

  /// What is asked about, and whom.
  private struct Question {
    var slot: String
    var replica: OwnReplica
    var logKey: VerifierKey
    var held: [SignedCheckpoint]
  }

  /// What a refusal comes to once the log's hashes are here; the failure as it was where it gives none.
  ///
  /// Keeps the proof of a fork. Throws ``StoreFailure``.
  func explain(_ failure: SyncFailure, note: [UInt8]) async throws -> SyncFailure {
    guard let question = try question(),
      let shown = try? SignedCheckpoint(
        opening: note, origin: question.logKey.name.line, logKey: question.logKey)
    else { return failure }
    let earlier = question.held.filter { $0.checkpoint.size < shown.checkpoint.size }
    for held in earlier {
      guard let proof = await proof(of: held.checkpoint.size, in: shown.checkpoint, question) else {
        return failure
      }
      let fork = ForkEvidence(
        smaller: held.note.encoded, larger: shown.note.encoded, proof: proof)
      guard (try? fork.check(logKey: question.logKey)) != nil else { continue }
      try workspace.keep(.fork(fork))
      return SyncFailure(IngestFailure.fork(size: shown.checkpoint.size.rawValue))
    }
    guard !earlier.isEmpty else { return failure }
    if let larger = question.held.last(where: { $0.checkpoint.size > shown.checkpoint.size }) {
      return .proof(
        "the server's log has \(shown.checkpoint.size) leaves, and had \(larger.checkpoint.size) when it "
          + "signed them for this store: it lost leaves and went on with others, or somebody else has its "
          + "key")
    }
    return .proof(
      "the answer is not what the server's own log of \(shown.checkpoint.size) leaves has, and that log "
        + "continues the one here: leaves were lost or altered on the way")
  }

  /// What it comes to that the server lacks leaves which it signed: another history, where the head that
  /// it has contradicts the leaves here; otherwise the failure as it was.
  func weighHead(_ failure: SyncFailure) async throws -> SyncFailure {
    guard let question = try question(), let note = await fetch("checkpoint", question) else {
      return failure
    }
    switch try workspace.weigh(note) {
    case .fork?: return SyncFailure(IngestFailure.fork(size: ExchangeRun.signedSize(note) ?? 0))
    case .ahead?:
      let explained = try await explain(failure, note: note)
      if case .forked = explained { return explained }
      return failure
    case .prefix?, nil: return failure
    }
  }

  private func question() throws -> Question? {
    try workspace.read { reader in
      guard let slot = try reader.setting(.slot), let logKey = reader.log.logKey else { return nil }
      return Question(
        slot: slot, replica: try reader.requestingReplica(), logKey: logKey,
        held: try reader.notesHeld())
    }
  }

  /// What the log's tree says of its first leaves; nil when it does not give hashes that have its root.
  private func proof(
    of prefix: TreeSize, in tree: Checkpoint, _ question: Question
  ) async -> PrefixProof? {
    guard prefix > 0 else { return nil }
    var tiles = FetchedTiles()
    // The first reading tells which tiles are needed, the second one has them.
    for _ in 0..<2 {
      do {
        return try PrefixProof(
          prefix: prefix, size: tree.size,
          from: TileHashReader(size: tree.size, root: tree.root, tiles: tiles))
      } catch TileHashReaderError<MissingTiles>.unreadable(let missing) {
        for tile in missing.tiles {
          guard let bytes = await fetch(tile.path, question) else { return nil }
          tiles.contents[tile] = bytes
        }
      } catch {
        return nil
      }
    }
    return nil
  }

  /// A file of the log: a hash tile or the checkpoint, neither of which is longer than 16 KiB.
  private func fetch(_ path: String, _ question: Question) async -> [UInt8]? {
    do {
      let token = try RequestToken.sign(
        with: question.replica.signingKey, audience: question.slot,
        now: workspace.machine.now() / 1000 + clockOffset)
      let answer = try await transport.get(
        "/v1/workspaces/\(question.slot)/log/\(path)", token: token)
      guard answer.status == 200 else { return nil }
      return Array(
        try await answer.body.collect(upTo: Limits.checkpointBytesMax).readableBytesView)
    } catch {
      return nil
    }
  }
}

/// Tiles that were asked for and are not here yet.
private struct MissingTiles: Error {
  var tiles: [Tile]
}

private struct FetchedTiles: TileReader {
  var contents: [Tile: [UInt8]] = [:]

  func readTiles(_ tiles: [Tile]) throws(MissingTiles) -> [[UInt8]] {
    let missing = tiles.filter { contents[$0] == nil }
    guard missing.isEmpty else { throw MissingTiles(tiles: missing) }
    return tiles.map { contents[$0, default: []] }
  }
}
