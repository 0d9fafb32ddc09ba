import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

/// Somebody else's batch, carried to the server like mail; it is in nobody's state before the log has
/// it.
package struct CarriedBatch: Sendable {
  /// Its place among the mail, in the order in which it came.
  package var sequence: Int64
  package var bytes: [UInt8]
}

extension WorkspaceReader {
  /// Whether there is mail after a place.
  package func hasMail(after sequence: Int64 = 0) throws -> Bool {
    try Int.fetchOne(
      db, sql: "SELECT 1 FROM mail WHERE sequence > ? LIMIT 1", arguments: [sequence]) != nil
  }

  /// How many batches of others the store carries.
  package func mailCount() throws -> Int {
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM mail") ?? 0
  }

  /// Mail after a place, in the order in which it came, up to the first batch that does not fit.
  ///
  /// - Parameter isFirstTaken: whether the first is taken whatever its size.
  func mail(
    after sequence: Int64, countMax: Int, bytesMax: Int, isFirstTaken: Bool = false
  ) throws -> [CarriedBatch] {
    let rows = try Row.fetchCursor(
      db, sql: "SELECT * FROM mail WHERE sequence > ? ORDER BY sequence LIMIT ?",
      arguments: [sequence, countMax])
    var mail: [CarriedBatch] = []
    var bytes = 0
    while let row = try rows.next() {
      let batch = CarriedBatch(
        sequence: Int64(try row.size("sequence")),
        bytes: try row.sealed(in: "mail").bytes("batch"))
      bytes += batch.bytes.count
      guard bytes <= bytesMax || (isFirstTaken && mail.isEmpty) else { break }
      mail.append(batch)
    }
    return mail
  }
}

/// Keeps the pending batches of bundles, within one transaction.
struct MailIntake {
  let db: Database
  private let log: LogReader
  private let own: Set<ReplicaID>
  private var batchCount: Int
  private var byteCount: Int
  private(set) var keptCount = 0

  init(_ db: Database) throws {
    self.db = db
    log = try LogReader(db)
    own = Set(try OwnReplica.all(db).map(\.id))
    let row = try Row.fetchOne(
      db, sql: "SELECT COUNT(*) AS batches, COALESCE(SUM(LENGTH(batch)), 0) AS bytes FROM mail")
    batchCount = Int(try row?.size("batches") ?? 0)
    byteCount = Int(try row?.size("bytes") ?? 0)
  }

  /// Keeps the batches that the log lacks and that are not one's own.
  ///
  /// Throws ``BundleRefusal`` for one that is not signed by its author, as far as log or mail know the
  /// key, and when the store would carry too much.
  mutating func keep(_ batches: [ReceivedBatch]) throws {
    let foreign = batches.filter { !own.contains($0.header.replica) }
    let brought = Dictionary(
      foreign.compactMap { batch in batch.enrolledKey.map { (batch.header.replica, $0) } },
      uniquingKeysWith: { first, _ in first })
    for batch in foreign {
      let replica = batch.header.replica
      if let key = log.membership.replica(replica)?.key ?? brought[replica] {
        do { try batch.verifySignature(by: key) } catch { throw BundleRefusal.badBatch(error) }
      }
      if try log.chainHash(at: Dot(replica, batch.header.last)) == batch.header.chain { continue }
      try insert(batch.bytes)
    }
    guard batchCount <= Limits.mailBatchesMax, byteCount <= Limits.mailBytesMax else {
      throw BundleRefusal.tooMuchMail(batches: batchCount, bytes: byteCount)
    }
  }

  private mutating func insert(_ batch: [UInt8]) throws {
    try db.insertSealed(
      into: "mail",
      [
        try db.nextNumber(of: "sequence", in: "mail"), DomainHash.plain(batch).blob, Data(batch),
      ], .ignore)
    guard db.changesCount > 0 else { return }
    keptCount += 1
    batchCount += 1
    byteCount += batch.count
  }
}

extension ReceivedBatch {
  /// The key that an enrolment, or a genesis, brings for its author: the one that the author's id
  /// follows from, so that it needs no certificate to be believed.
  fileprivate var enrolledKey: [UInt8]? {
    let key: [UInt8]? =
      switch changes.first?.skeleton.act.act {
      case .genesis(let genesis): genesis.key.array
      case .enrolment(let enrolment): enrolment.key.array
      case .invite, .withdrawal, .roleChange, .revocation, .renaming, nil: nil
      }
    return key.flatMap { ReplicaID(publicKey: $0) == header.replica ? $0 : nil }
  }
}
