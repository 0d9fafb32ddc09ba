import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol

/// Decodes changes where they stand, each batch once as long as few are in use.
final class ChangeReader {
  private let reader: any RecordSource
  private var batches: [UInt64: [Counter: DecodedChange]] = [:]
  private static let batchCountMax = 32

  init(_ reader: any RecordSource) { self.reader = reader }

  /// The change that a carrier brings.
  func change(_ dot: Dot, at position: LogPosition) throws -> DecodedChange {
    let found: DecodedChange?
    switch position {
    case .leaf(let index): found = try batch(index)[dot.counter]
    case .pending: found = try reader.pendingChange(dot)
    }
    guard let found else { throw StoreFailure.corrupt("change \(dot) is missing") }
    return found
  }

  /// The changes that a leaf took in, by counter.
  func batch(_ index: UInt64) throws -> [Counter: DecodedChange] {
    if let known = batches[index] { return known }
    guard let leaf = try reader.log.leaf(at: index) else {
      throw StoreFailure.corrupt("leaf \(index) is missing")
    }
    let decoded = try decode(leaf)
    if batches.count >= Self.batchCountMax { batches.removeAll() }
    batches[index] = decoded
    return decoded
  }

  /// What an operation of a change covers.
  func coverage(
    of operation: MergeCore.Operation, in change: DecodedChange, at position: LogPosition
  ) throws -> Coverage {
    if let against = operation.against { return .clock(against) }
    let lineage = try reader.lineage(of: change.received.dot.replica)
    return .context(change.change(at: position, lineage: lineage).context)
  }

  /// What the author of a sibling had received of its record: the record's clock then, or the older
  /// one that the form was saved against.
  func clock(of sibling: Sibling, _ record: RecordID, where isMeant: (Action) -> Bool) throws
    -> VectorClock
  {
    try received(sibling.carriers[0], record, where: isMeant).clock
  }

  /// The same for the change of any carrier, with the reason that it gives for a resolution.
  func received(_ carrier: Carrier, _ record: RecordID, where isMeant: (Action) -> Bool) throws -> (
    clock: VectorClock, reason: String?
  ) {
    let change = try change(carrier.dot, at: carrier.position)
    let index = change.operations.firstIndex { $0.record == record && isMeant($0.action) }
    guard let index else {
      throw StoreFailure.corrupt("change \(carrier.dot) does not do what the record says")
    }
    let coverage = try coverage(of: change.operations[index], in: change, at: carrier.position)
    let clock: VectorClock
    if case .clock(let against) = coverage {
      clock = against
    } else {
      clock = try reader.trace(of: record).clock(coveredBy: coverage)
    }
    return (clock, change.reason(ofOperation: index))
  }

  private func decode(_ leaf: StoredLeaf) throws -> [Counter: DecodedChange] {
    do {
      let batch = try ReceivedBatch(decoding: leaf.batchBytes)
      var context = try chainContext(before: batch.header.first, of: batch.header.replica)
      var decoded: [Counter: DecodedChange] = [:]
      for received in batch.changes {
        let change = try DecodedChange(received, after: context, schema: AnnotationSchema.schema)
        context = change.chainContext
        decoded[received.dot.counter] = change
      }
      return decoded
    } catch let refusal as Refusal {
      throw StoreFailure.corrupt("leaf \(leaf.index): \(refusal.detail)")
    }
  }

  private func chainContext(before first: Counter, of replica: ReplicaID) throws -> SignedContext {
    let row = try Row.fetchOne(
      reader.log.db.cachedStatement(
        sql: "SELECT * FROM change WHERE replica = ? AND counter = ?"),
      arguments: [replica.blob, Int64(first.rawValue) - 1])
    guard let row = try row?.sealed(in: "change") else { return .empty }
    return SignedContext(
      treeSize: try row.size("context_size"),
      root: try row.optionalDigest("context_root"))
  }
}

extension WorkspaceReader {
  package func pendingChange(_ dot: Dot) throws -> DecodedChange? {
    let pending = PendingChanges(db)
    return try pending.row(at: dot).map { try pending.decode($0) }
  }
}

extension DecodedChange {
  /// What the change does to one record.
  func operations(on record: RecordID) -> [Action] {
    operations.filter { $0.record == record }.map(\.action)
  }

  /// The reason that an operation gives for a resolution; nil for any other, and once withdrawn.
  func reason(ofOperation index: Int) -> String? {
    guard operations[index].isResolution else { return nil }
    let before = operations[..<index].reduce(0) { $0 + $1.contentCount }
    let position = before + operations[index].contentCount - 1
    guard received.contents.indices.contains(position) else { return nil }
    return received.contents[position].value.flatMap { try? UTF8Text.string(of: $0) }
  }
}

extension MergeCore.Operation {
  /// How many of the change's contents belong to the operation.
  fileprivate var contentCount: Int {
    let values =
      switch action {
      case .create(let content): content == nil ? 0 : 1
      case .write, .add, .remove: 1
      case .delete, .restore, .touch, .writeBack, .addBack, .deleteBack: 0
      }
    return values + (isResolution ? 1 : 0)
  }
}
