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

  /// A row of `pending`.
  init(_ row: Row) throws { try self.init(row.sealed(in: "pending"), ofAnyTable: true) }

  /// The same, of `quarantine` too, whether it is as it was written or not.
  init(_ row: Row, ofAnyTable: Bool) throws {
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

  init(
    sequence: Int64, dot: Dot, previous: Digest256, chain: Digest256, changeBytes: [UInt8],
    isAct: Bool, isReissue: Bool, context: SignedContext, acknowledged: UInt64?
  ) {
    self.sequence = sequence
    self.dot = dot
    self.previous = previous
    self.chain = chain
    self.changeBytes = changeBytes
    self.isAct = isAct
    self.isReissue = isReissue
    self.context = context
    self.acknowledged = acknowledged
  }

  /// The change as it is sealed into a batch.
  func sealable() throws -> PendingChange {
    let received = try received()
    return PendingChange(
      counter: dot.counter, skeleton: received.skeletonBytes, contents: received.contents,
      chain: chain, hasOwnSalts: isReissue, isAct: isAct, context: context)
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
    guard let received = try? ReceivedChange(storedChange: wire, dot: dot, after: previous),
      received.chain == chain
    else {
      throw StoreFailure.corrupt("pending change \(dot) does not have its chain hash")
    }
    return received
  }
}

extension Database {
  /// Adds a change after all that were ever pending; returns its sequence.
  func insertPending(_ change: PendingRow) throws -> Int64 {
    let sequence = try nextNumber(of: "sequence", in: "pending")
    try insertSealed(
      into: "pending",
      [
        sequence, change.dot.replica.blob, Int64(change.dot.counter.rawValue),
        change.previous.blob, change.chain.blob, Data(change.changeBytes), change.isAct,
        change.isReissue, Int64(change.context.treeSize), change.context.root?.blob,
        change.acknowledged.map { Int64(position: $0) },
      ])
    return sequence
  }
}
