import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

// SQLite's blobs are `Data` to GRDB.

extension Digest256 {
  var blob: Data { Data(bytes) }
}

extension ReplicaID {
  var blob: Data { Data(bytes) }
}

extension RecordID {
  var blob: Data { Data(encoded) }
}

extension Row {
  /// The blob of a column.
  ///
  /// A file that somebody altered may hold anything: then this throws, where GRDB's own subscript
  /// would end the process.
  func bytes(_ column: String) throws(StoreFailure) -> [UInt8] {
    guard let value = Data.fromDatabaseValue(self[column] as DatabaseValue) else {
      throw .corrupt("column \(column) does not hold bytes")
    }
    return value.array
  }

  /// The size or index of a column.
  func size(_ column: String) throws(StoreFailure) -> UInt64 {
    guard let value = Int64.fromDatabaseValue(self[column] as DatabaseValue),
      let size = UInt64(exactly: value)
    else { throw .corrupt("column \(column) does not hold a size") }
    return size
  }
}
