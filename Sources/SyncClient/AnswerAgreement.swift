import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

// Welcome, outcomes, leaves and checkpoint of an answer say the same, or the server is wrong: which of
// them is true, nobody can know.

/// The server's word that a batch is in its log.
struct AcceptedClaim {
  var replica: ReplicaID
  /// The last change, and the chain hash there.
  var last: Counter
  var chain: Digest256
  var digest: Digest256
  var leaf: UInt64
  var isKnown: Bool
}

extension ExchangeRun {
  /// Compares what a whole answer says with the log that it brought; a push has proofs instead.
  mutating func checkAgreement(_ round: ExchangeRound) throws {
    guard mode != .push else { return }
    claims += try claims(in: round)
    try checkNovelty(round)
    guard !round.serverHasMore else { return }
    try workspace.read { reader in
      guard reader.log.treeSize >= round.serverSize else {
        throw contradiction(
          "its log has \(round.serverSize) leaves, it says, and it brought \(reader.log.treeSize)")
      }
      if let signed = Self.signedSize(round.lastNote), signed != round.serverSize {
        throw contradiction(
          "its log has \(round.serverSize) leaves, it says, and it signed \(signed)")
      }
      for claim in claims { try check(claim, reader) }
    }
    claims = []
  }

  /// Whether what the server calls new stands in leaves that the store had not, one batch in each, and
  /// what it calls known within the log that it states.
  ///
  /// Others' leaves may stand between: a request of many batches is taken in piece by piece.
  func checkNovelty(_ round: ExchangeRound) throws {
    let held = round.outgoing.context.treeSize
    var fresh = Set<UInt64>()
    for claim in try claims(in: round) {
      guard claim.leaf < round.serverSize, claim.isKnown || claim.leaf >= held else {
        let word = claim.isKnown ? "known" : "new"
        throw contradiction(
          "leaf \(claim.leaf) of \(round.serverSize) holds your change, which it calls \(word)")
      }
      guard claim.isKnown || fresh.insert(claim.leaf).inserted else {
        throw contradiction("two batches are new in one leaf, it says")
      }
    }
  }

  private func check(_ claim: AcceptedClaim, _ reader: WorkspaceReader) throws {
    let dot = Dot(claim.replica, claim.last)
    guard try reader.log.leafIndex(of: dot) == claim.leaf,
      try reader.log.chainHash(at: dot) == claim.chain
    else {
      throw contradiction(
        "leaf \(claim.leaf) has \(try reader.dotText(dot)), it says, and the leaf that it sent "
          + "has not")
    }
    guard !claim.isKnown, let leaf = try reader.log.leaf(at: claim.leaf) else { return }
    guard Leaf(encoded: leaf.leafBytes)?.batch == claim.digest.hex else {
      throw contradiction("leaf \(claim.leaf) is of your batch, it says, and names another")
    }
  }

  private func claims(in round: ExchangeRound) throws -> [AcceptedClaim] {
    let own = round.outgoing.batches
    return try round.outcomes.compactMap { index, outcome in
      guard case .accepted(let leaf, let isKnown, _, _) = outcome else { return nil }
      if index < own.count {
        let batch = own[index]
        return AcceptedClaim(
          replica: batch.replica, last: batch.last, chain: batch.chain, digest: batch.digest,
          leaf: leaf, isKnown: isKnown)
      }
      let header = try ReceivedBatch(decoding: round.outgoing.mail[index - own.count].bytes).header
      return AcceptedClaim(
        replica: header.replica, last: header.last, chain: header.chain, digest: header.digest,
        leaf: leaf, isKnown: isKnown)
    }
  }

  private func contradiction(_ what: String) -> SyncFailure {
    .proof("the server contradicts itself: \(what)")
  }

  /// The size that a note states; the signature was verified when it came.
  static func signedSize(_ note: [UInt8]) -> UInt64? {
    (try? SignedNote(note)).flatMap { try? Checkpoint(text: $0.text) }?.size.rawValue
  }
}
