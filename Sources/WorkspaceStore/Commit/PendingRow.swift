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
    sequence = try row.number("sequence")
    dot = Dot(try row.replica("replica"), try row.counter("counter"))
    previous = try row.digest("previous")
    chain = try row.digest("chain")
    changeBytes = try row.bytes("change")
    isAct = try row.flag("is_act")
    isReissue = try row.flag("is_reissue")
    context = SignedContext(
      treeSize: try row.size("context_size"), root: try row.optionalDigest("context_root"))
    // A quarantined change has none.
    acknowledged = row.hasColumn("acknowledged") ? try row.optionalSize("acknowledged") : nil
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
