package import MergeCore
package import SyncProtocol

/// What records are read and explained from: a store with its pending work, or a log alone.
///
/// Values, histories and explanations are the same code over both, so that an analyst and the
/// operator of a server are told the same.
package protocol RecordSource {
  /// The log, without what is pending.
  var log: LogReader { get }
  /// The members, with pending acts where the source has any.
  var membership: MembershipState { get }
  /// What was decoded already within this transaction.
  var cache: ReaderCache { get }

  /// A record's state; nil when nobody touched it.
  func state(of record: RecordID) throws -> RecordState?
  /// The changes that touched a record; an index scan.
  func trace(of record: RecordID) throws -> RecordTrace
  /// A change that no leaf holds; nil where there is none.
  func pendingChange(_ dot: Dot) throws -> DecodedChange?
  /// What a replica continues: coverage through it is by its predecessors' changes too.
  func lineage(of replica: ReplicaID) throws -> VersionVector
  /// The name of a replica's analyst; the beginning of its id where it is unknown.
  func analyst(of replica: ReplicaID) throws -> String
  /// The shortest unique end of a record's id.
  func handle(of record: RecordID) throws -> String
}

extension RecordSource {
  /// The bytes of a value; nil when they are not here (withdrawn).
  package func content(_ value: Digest256) throws -> [UInt8]? { try log.content(value) }
}

/// The records as a log alone has them, without anybody's pending work.
package struct LogRecords: RecordSource {
  package let log: LogReader
  package let cache = ReaderCache()

  package init(_ log: LogReader) { self.log = log }

  package var membership: MembershipState { log.membership }

  package func state(of record: RecordID) throws -> RecordState? { try log.state(of: record) }

  package func trace(of record: RecordID) throws -> RecordTrace { try log.trace(of: record) }

  package func pendingChange(_ dot: Dot) throws -> DecodedChange? { nil }

  package func lineage(of replica: ReplicaID) throws -> VersionVector {
    membership.lineage(of: replica)
  }

  package func analyst(of replica: ReplicaID) throws -> String {
    membership.analyst(of: replica)
  }

  package func handle(of record: RecordID) throws -> String {
    let kinds = sharedHandleKinds(with: record.kind)
    return try shortestHandle(of: record) { tail in
      try log.records(endingIn: tail).count { kinds.contains($0.kind) }
    }
  }
}
