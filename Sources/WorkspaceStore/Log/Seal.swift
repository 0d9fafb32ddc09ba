import Crypto
import FoundationEssentials
import GRDB

// Rows that carry their own hash, so that damage is told as damage where a row is read (decision 0031).

/// What a sealed row's last column, `seal`, holds: the first 16 bytes of SHA-256 over the label, the
/// table's name, a zero byte, and the other columns in their order.
///
/// Each column is its type's byte (0 NULL, 1 integer, 2 real, 3 text, 4 blob) and, but for NULL, a
/// length (8 bytes, big-endian) and the bytes; an integer is 8 bytes, a real its bit pattern's. A seal
/// finds what a disk, another program or a hand altered. It stops no forger, who can compute it too:
/// those are found by re-executing the log.
struct Seal {
  static let column = "seal"

  private var hash = SHA256()

  /// The seal of a row of `table` with these columns.
  static func of(_ table: String, _ columns: some Sequence<DatabaseValue>) -> Data {
    var seal = Seal()
    seal.add(Array("hashiya/store/seal\0\(table)\0".utf8))
    for column in columns { seal.add(column) }
    return Data(seal.hash.finalize().prefix(16))
  }

  private mutating func add(_ column: DatabaseValue) {
    switch column.storage {
    case .null: add([0])
    case .int64(let value): add(1, value.bigEndianBytes)
    case .double(let value): add(2, value.bitPattern.bigEndianBytes)
    case .string(let text): add(3, Array(text.utf8))
    case .blob(let bytes): add(4, bytes)
    }
  }

  private mutating func add(_ type: UInt8, _ bytes: some DataProtocol) {
    add([type] + UInt64(bytes.count).bigEndianBytes)
    hash.update(data: bytes)
  }

  private mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }
}

extension FixedWidthInteger {
  fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension Row {
  /// Whether the row, read with `SELECT *` from a sealed table, is as it was written.
  func isSealed(in table: String) -> Bool {
    guard columnNames.last == Seal.column, let seal = self[count - 1] as DatabaseValue? else {
      return false
    }
    return seal == Seal.of(table, databaseValues.dropLast()).databaseValue
  }

  /// The row itself, if it is as it was written; read with `SELECT *`.
  ///
  /// Throws ``StoreFailure/corrupt(_:)``.
  func sealed(in table: String) throws(StoreFailure) -> Row {
    guard isSealed(in: table) else { throw .corrupt("a row of \(table) is not as it was written") }
    return self
  }
}

/// What to do where a row with the same key is there.
enum InsertConflict: String {
  case refuse = "INSERT"
  case replace = "INSERT OR REPLACE"
  case ignore = "INSERT OR IGNORE"
}

extension Database {
  /// Inserts a row of a sealed table: all of its columns in order but the seal, which is added.
  func insertSealed(
    into table: String, _ values: [(any DatabaseValueConvertible)?],
    _ conflict: InsertConflict = .refuse
  ) throws {
    let columns = values.map { $0?.databaseValue ?? .null }
    let places = repeatElement("?", count: columns.count + 1).joined(separator: ", ")
    let seal = Seal.of(table, columns).databaseValue
    try cachedStatement(sql: "\(conflict.rawValue) INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(columns + [seal]))
  }

  /// The key of the next row of a table whose first column numbers its rows.
  func nextNumber(of column: String, in table: String) throws -> Int64 {
    let used = try Int64.fetchOne(
      cachedStatement(
        sql: """
          SELECT MAX(COALESCE((SELECT MAX(\(column)) FROM \(table)), 0),
            COALESCE((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))
          """), arguments: [table])
    return (used ?? 0) + 1
  }

  /// Seals rows anew after some of their columns were set.
  ///
  /// - Parameters:
  ///   - key: the column that tells the rows apart.
  ///   - condition: which rows they are, in SQL.
  func reseal(
    _ table: String, key: String, where condition: String, _ arguments: StatementArguments = []
  ) throws {
    let rows = try Row.fetchAll(
      self, sql: "SELECT * FROM \(table) WHERE \(condition)", arguments: arguments)
    for row in rows {
      let values = row.databaseValues.dropLast()
      try execute(
        sql: "UPDATE \(table) SET \(Seal.column) = ? WHERE \(key) = ?",
        arguments: [Seal.of(table, values), row[key] as DatabaseValue])
    }
  }
}
