import MergeCore
import SyncProtocol
import TransparencyLog

/// Leaves that somebody brought with a note and that were not taken in: what of it is signed, and so
/// proves something to a third person.
struct RefusedSegment {
  let entries: [ReceivedEntry]
  let note: [UInt8]

  /// What the refusal comes to, and what proves it.
  struct Explanation {
    var failure: IngestFailure
    var evidence: EvidenceDocument.Content?
    /// Whether the note covers all that came, so that a refused leaf is either false or damage here.
    var isSigned = false
  }

  /// Tells a signed lie from an answer that was cut, repeated, or altered on its way, which leaves no
  /// evidence whatever it looks like.
  func explain(_ failure: IngestFailure, to store: WorkspaceReader) throws -> Explanation {
    let log = store.log
    if let carried = try carriedFork(log) { return carried }
    guard let signed = log.signedCheckpoint(note) else { return Explanation(failure: failure) }
    let size = signed.checkpoint.size
    switch try store.standing(ofNote: note) {
    case .fork(let fork): return Self.fork(fork, size)
    case .prefix, .ahead, nil: break
    }
    guard let tree = try ProspectiveTree(entries, on: log), tree.size == size,
      tree.root == signed.checkpoint.root
    else {
      // The note signs other leaves than those that came.
      switch failure {
      case .badCheckpoint, .lagging, .altered: return Explanation(failure: failure)
      case .outOfOrder, .mismatch, .newer, .wrongRoot, .fork, .noLogKey:
        return Explanation(failure: .wrongRoot(size: size.rawValue))
      }
    }
    // From here on all that came is signed.
    for held in try store.notesHeld() where held.checkpoint.size <= size {
      if let fork = try ForkEvidence(held, signed, tree: tree) { return Self.fork(fork, size) }
    }
    guard case .mismatch(let refused) = failure else { return Explanation(failure: failure) }
    let proof = try evidence(of: refused, signed, tree, log.logKey)
    return Explanation(failure: failure, evidence: proof.map { .falseLeaf($0) }, isSigned: true)
  }

  private static func fork(_ fork: ForkEvidence, _ size: TreeSize) -> Explanation {
    Explanation(failure: .fork(size: size.rawValue), evidence: .fork(fork))
  }

  /// The note that travels with a batch's context is the log's statement to the batch's author.
  private func carriedFork(_ log: LogReader) throws -> Explanation? {
    for entry in entries {
      guard let batch = try? ReceivedBatch(decoding: entry.batch),
        let signed = log.signedCheckpoint(batch.checkpoint),
        case .fork(let fork) = try log.standing(ofNote: signed)
      else { continue }
      return Self.fork(fork, signed.checkpoint.size)
    }
    return nil
  }

  private func evidence(
    of refused: RefusedLeaf, _ signed: SignedCheckpoint, _ tree: ProspectiveTree,
    _ logKey: VerifierKey?
  ) throws -> FalseLeafEvidence? {
    guard let entry = entries.first(where: { $0.index == refused.leaf }),
      FalseLeafEvidence.isSigned(
        refused.mismatch, leaf: entry.leaf, batch: entry.batch, logKey: logKey)
    else { return nil }
    let before =
      entry.index == 0
      ? PrefixProof(hashes: [])
      : try PrefixProof(prefix: TreeSize(entry.index), size: tree.size, from: tree)
    return FalseLeafEvidence(
      note: note, index: entry.index, leaf: entry.leaf, batch: entry.batch,
      inclusion: try InclusionProof(leaf: LeafIndex(entry.index), size: tree.size, from: tree),
      before: before, honest: refused.honest, reason: refused.words)
  }
}

extension Workspace {
  /// Compares a note that somebody showed with what is here, and keeps the proof when both cannot be
  /// true; nil unless the pinned key signed it.
  package func weigh(_ note: [UInt8]) throws -> NoteStanding? {
    let standing = try read { try $0.standing(ofNote: note) }
    if case .fork(let fork)? = standing { try keep(.fork(fork)) }
    return standing
  }

  /// Explains why what was brought is not taken in, and keeps what proves it.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` when it is the store that is damaged: then nobody is accused.
  func explained(
    _ failure: IngestFailure, _ entries: [ReceivedEntry], note: [UInt8]
  ) throws -> IngestFailure {
    let explanation = try read {
      try RefusedSegment(entries: entries, note: note).explain(failure, to: $0)
    }
    if explanation.isSigned, case .mismatch(let refused) = explanation.failure,
      try !CleanReplay(logDatabase).refuses(refused.leaf, of: entries)
    {
      throw StoreFailure.corrupt(
        "what is stored here is not what the log comes to; leaf \(refused.leaf), which came, is "
          + "right")
    }
    if let evidence = explanation.evidence { try keep(evidence) }
    return explanation.failure
  }
}
