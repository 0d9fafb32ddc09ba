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

/// Columns of a row.
///
/// A file that somebody altered may hold anything: then these throw ``StoreFailure/corrupt(_:)``,
/// where GRDB's own subscripts would end the process. No other way of reading a row is allowed here.
extension Row {
  /// The blob of a column.
  func bytes(_ column: String) throws(StoreFailure) -> [UInt8] {
    guard let value = try optionalBytes(column) else {
      throw .corrupt("column \(column) holds nothing")
    }
    return value
  }

  /// The blob of a column; nil for NULL.
  func optionalBytes(_ column: String) throws(StoreFailure) -> [UInt8]? {
    try optional(column, Data.self, "bytes")?.array
  }

  /// The size or index of a column.
  func size(_ column: String) throws(StoreFailure) -> UInt64 {
    guard let value = try optionalSize(column) else {
      throw .corrupt("column \(column) holds nothing")
    }
    return value
  }

  /// The size or index of a column; nil for NULL.
  func optionalSize(_ column: String) throws(StoreFailure) -> UInt64? {
    guard let value = try optional(column, Int64.self, "a number") else { return nil }
    guard let size = UInt64(exactly: value) else {
      throw .corrupt("column \(column) does not hold a size")
    }
    return size
  }

  /// The number of a column, such as a time.
  func number(_ column: String) throws(StoreFailure) -> Int64 {
    guard let value = try optional(column, Int64.self, "a number") else {
      throw .corrupt("column \(column) holds nothing")
    }
    return value
  }

  /// Whether the column holds anything but 0.
  func flag(_ column: String) throws(StoreFailure) -> Bool { try number(column) != 0 }

  /// The text of a column.
  func text(_ column: String) throws(StoreFailure) -> String {
    guard let value = try optionalText(column) else {
      throw .corrupt("column \(column) holds nothing")
    }
    return value
  }

  /// The text of a column; nil for NULL.
  func optionalText(_ column: String) throws(StoreFailure) -> String? {
    try optional(column, String.self, "text")
  }

  /// The hash of a column.
  func digest(_ column: String) throws(StoreFailure) -> Digest256 {
    guard let digest = try optionalDigest(column) else {
      throw .corrupt("column \(column) holds nothing")
    }
    return digest
  }

  /// The hash of a column; nil for NULL.
  func optionalDigest(_ column: String) throws(StoreFailure) -> Digest256? {
    guard let bytes = try optionalBytes(column) else { return nil }
    guard let digest = Digest256(bytes) else { throw .corrupt("column \(column) holds no hash") }
    return digest
  }

  /// The replica of a column.
  func replica(_ column: String) throws(StoreFailure) -> ReplicaID {
    guard let replica = ReplicaID(try bytes(column)) else {
      throw .corrupt("column \(column) holds no replica's id")
    }
    return replica
  }

  /// The record of a column.
  func record(_ column: String) throws(StoreFailure) -> RecordID {
    guard let record = RecordID(encoded: try bytes(column)) else {
      throw .corrupt("column \(column) holds no record's id")
    }
    return record
  }

  /// The number of a change, from 1 upwards.
  func counter(_ column: String) throws(StoreFailure) -> Counter {
    let counter = Counter(try size(column))
    guard counter > 0 else { throw .corrupt("column \(column) does not hold a change's number") }
    return counter
  }

  private func optional<Value: DatabaseValueConvertible>(
    _ column: String, _ type: Value.Type, _ what: String
  ) throws(StoreFailure) -> Value? {
    let stored = self[column] as DatabaseValue
    if stored.isNull { return nil }
    guard let value = Value.fromDatabaseValue(stored) else {
      throw .corrupt("column \(column) does not hold \(what)")
    }
    return value
  }
}

extension Int64 {
  /// A position to look for in the file; one beyond any that it can hold finds nothing.
  init(position: UInt64) { self.init(clamping: position) }
}
