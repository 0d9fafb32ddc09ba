package import TransparencyLog

/// Two notes that a log's key signed and that cannot both be true: no log continues both.
///
/// Needs nobody's word and none of the leaves. Of notes of one size the roots differ; otherwise the proof
/// shows, by hashes that only the larger note's tree can have, another beginning than the smaller's.
package struct ForkEvidence: Hashable, Sendable {
  /// The signed note of fewer leaves, or of as many.
  package var smaller: [UInt8]
  package var larger: [UInt8]
  /// What the larger tree says of its beginning; empty for notes of one size.
  package var proof: PrefixProof

  package init(smaller: [UInt8], larger: [UInt8], proof: PrefixProof = PrefixProof(hashes: [])) {
    self.smaller = smaller
    self.larger = larger
    self.proof = proof
  }

  /// The evidence that two notes and a tree make; nil where they contradict nothing.
  ///
  /// - Parameter tree: that of the note with more leaves.
  package init?<Tree: HashReader>(
    _ one: SignedCheckpoint, _ other: SignedCheckpoint, tree: Tree
  ) throws {
    let (small, large) =
      one.checkpoint.size <= other.checkpoint.size ? (one, other) : (other, one)
    let (prefix, size) = (small.checkpoint.size, large.checkpoint.size)
    guard prefix > 0 else { return nil }
    var proof = PrefixProof(hashes: [])
    if prefix < size { proof = try PrefixProof(prefix: prefix, size: size, from: tree) }
    self.init(smaller: small.note.encoded, larger: large.note.encoded, proof: proof)
    guard contradicts(small.checkpoint, large.checkpoint) else { return nil }
  }

  /// Whether the key signed both, and no log continues both; the sizes when it is so.
  package func check(
    logKey: VerifierKey
  ) throws(EvidenceError) -> (smaller: UInt64, larger: UInt64) {
    let small = try signedCheckpoint(smaller, logKey)
    let large = try signedCheckpoint(larger, logKey)
    guard contradicts(small, large) else { throw .provesNothing }
    return (small.size.rawValue, large.size.rawValue)
  }

  private func contradicts(_ small: Checkpoint, _ large: Checkpoint) -> Bool {
    guard small.size != large.size else { return small.root != large.root }
    guard let roots = proof.roots(prefix: small.size, size: large.size) else { return false }
    return roots.whole == large.root && roots.prefix != small.root
  }
}

/// Why something is no evidence.
package enum EvidenceError: Error, Hashable, Sendable {
  /// It is not written as evidence is.
  case undecodable
  /// It is of a newer form.
  case newerForm
  /// A note in it is not signed by the log's key.
  case unsigned
  /// The leaf is not proved to be in the signed tree.
  case notInTree
  /// The leaf does not name the batch, so the batch may be anybody's.
  case otherBatch
  /// What was signed may all be true.
  case provesNothing
}

/// A note's checkpoint, when the log's key signed it.
func signedCheckpoint(
  _ note: [UInt8], _ logKey: VerifierKey
) throws(EvidenceError) -> Checkpoint {
  do {
    return try SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey).checkpoint
  } catch {
    throw .unsigned
  }
}
