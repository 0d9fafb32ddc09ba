package import MergeCore
package import TransparencyLog

/// The end of a replica's chain in the log.
package struct ChainHead: Hashable, Sendable {
  package var counter: Counter
  package var chain: Digest256
  /// The context of the last logged change that is no reissue.
  package var context: SignedContext

  package init(counter: Counter, chain: Digest256, context: SignedContext) {
    self.counter = counter
    self.chain = chain
    self.context = context
  }
}

/// What judging and merging a batch reads: a prefix of the log, and the records merged from it.
///
/// Server, analyst's store and auditor each have one; every read is O(log n) or better.
package protocol LogView {
  /// The workspace's identity; before leaf 0 the one that the holder was given, nil where it was given
  /// none.
  var workspace: Digest256? { get }
  /// The key that signs the log's checkpoints; nil before there is a log.
  var logKey: VerifierKey? { get }
  /// Leaves of the prefix.
  var treeSize: UInt64 { get }
  /// The state digest after the last leaf.
  var stateDigest: Digest256 { get }
  var membership: MembershipState { get }

  /// The RFC 6962 root over the first `size` leaves.
  func root(ofSize size: UInt64) throws -> Digest256
  func chainHead(of replica: ReplicaID) throws -> ChainHead?
  /// The chain hash at a logged dot; nil when the dot is not logged.
  func chainHash(at dot: Dot) throws -> Digest256?
  /// The leaf that holds a logged dot.
  func leafIndex(of dot: Dot) throws -> UInt64?
  /// The highest counter of a replica in the first `size` leaves; 0 when there is none.
  func highestCounter(of replica: ReplicaID, inFirst size: UInt64) throws -> Counter
  /// Whether a change is in the log, under whatever dot.
  func contains(_ identity: ChangeIdentity) throws -> Bool
  func state(of record: RecordID) throws -> RecordState?
  /// Where a change appears in the log, the placing carrier first; empty when it does not.
  func carriers(of identity: ChangeIdentity) throws -> [Carrier]
  /// The operations on a part of a record that undoing has to know, in any order: all of them, or some
  /// that name more than `dotsMax` dots (``PartOperation/dotCount``).
  func partOperations(on record: RecordID, _ part: RecordPart, dotsMax: Int) throws
    -> [PartOperation]
}
