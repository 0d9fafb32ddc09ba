import FoundationEssentials
import GRDB
import MergeCore
import SwiftProtobuf
import SyncProtocol

/// One pending or quarantined change as stored.
struct PendingRow {
  var sequence: Int64
  var dot: Dot
  var previous: Digest256
  var chain: Digest256
  var changeBytes: [UInt8]
  var isAct: Bool
  var isReissue: Bool
  var context: SignedContext
  var acknowledged: UInt64?

  init(_ row: Row) throws {
    guard let replica = ReplicaID(row["replica"] as Data),
      let previous = Digest256(row["previous"] as Data), let chain = Digest256(row["chain"] as Data)
    else { throw StoreFailure.corrupt("a pending change does not decode") }
    sequence = row["sequence"]
    dot = Dot(replica, Counter(UInt64(row["counter"] as Int64)))
    self.previous = previous
    self.chain = chain
    changeBytes = (row["change"] as Data).array
    isAct = row["is_act"]
    isReissue = row["is_reissue"]
    context = SignedContext(
      treeSize: UInt64(row["context_size"] as Int64),
      root: (row["context_root"] as Data?).flatMap { Digest256($0) })
    // A quarantined change has none.
    acknowledged = (row["acknowledged"] as Int64?).map { UInt64($0) }
  }

  /// Whether it enrols a replica.
  func isEnrolment() throws -> Bool {
    guard isAct, case .enrolment = try received().skeleton.act.act else { return false }
    return true
  }

  /// The change, with its contents and their salts.
  func received() throws -> ReceivedChange {
    guard let wire = try? WireChange(serializedBytes: changeBytes) else {
      throw StoreFailure.corrupt("pending change \(dot) does not decode")
    }
    let received = try ReceivedChange(storedChange: wire, dot: dot, after: previous)
    guard received.chain == chain else {
      throw StoreFailure.corrupt("pending change \(dot) does not have its chain hash")
    }
    return received
  }
}
