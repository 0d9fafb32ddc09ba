package import MergeCore
package import SyncProtocol
package import WorkspaceStore

/// What a sync came to.
package struct SyncOutcome: Sendable {
  /// One's own changes that the server acknowledged.
  package var pushedChanges = 0
  /// Changes of others taken in.
  package var pulledChanges = 0
  /// Changes that the server refused; they are kept aside.
  package var refusedChanges = 0
  /// Bytes of HTTP bodies as sent.
  package var bytesSent = 0
  package var bytesReceived = 0
  package var roundTrips = 0
  /// Fields newly in conflict in this store's view.
  package var conflictsOpened = 0
  package var conflictsClosed = 0
  /// Whether size, root and state digest equal the server's and nothing is pending.
  package var inSync = false
  /// By how much this machine's clock is behind the server's, in seconds, where the server said.
  package var clockSkew: Int64?
  package var stateDigest = Digest256.zero
  package var log: LogHead?
  package var refusals: [RefusedChange] = []
  /// Leaves that the server had lost and got back from this store.
  package var healedLeaves = 0
  /// Pieces of evidence that the store keeps against the log's key, and whether a fork is among them.
  package var evidence = 0
  package var isForkProved = false
  /// Batches of others that this store carried and that the server refused for good; they are dropped
  /// here, and stay with their authors.
  package var refusedMail: [RefusedMail] = []
}

/// A batch of somebody else's that the server refused for good.
package struct RefusedMail: Sendable {
  package var replica: ReplicaID
  package var refusal: Refusal
}

/// A change that the server refused.
package struct RefusedChange: Sendable {
  package var dot: Dot
  package var refusal: Refusal
}

/// How far a round of a sync is, for whoever waits.
package enum SyncProgress: Hashable, Sendable {
  /// Bytes of the request that are on their way.
  case sending(bytes: Int, of: Int)
  /// Own batches and mail that the server has answered.
  case answered(batches: Int, of: Int)
  /// The network is waited for; so many bytes of the answer came so far.
  case waiting(received: Int)
  /// Another sync of the same store is waited for; whose, as far as the system tells.
  case waitingForTurn(LockHolder?)
  /// Leaves held, and how many the server has; 0 while that is unknown.
  case receiving(leaves: UInt64, of: UInt64)
}
