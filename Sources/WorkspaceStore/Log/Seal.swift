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
  static let columnName = "seal"

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
    guard columnNames.last == Seal.columnName, let seal = self[count - 1] as DatabaseValue? else {
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
  ///
  /// A U+0000 in text is kept as U+FFFD.
  func insertSealed(
    into table: String, _ values: [(any DatabaseValueConvertible)?],
    _ conflict: InsertConflict = .refuse
  ) throws {
    let columns = values.map { ($0?.databaseValue ?? .null).storable }
    let places = repeatElement("?", count: columns.count + 1).joined(separator: ", ")
    let seal = Seal.of(table, columns).databaseValue
    try cachedStatement(sql: "\(conflict.rawValue) INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(columns + [seal]))
  }

  /// Sets columns of the rows of a sealed table that `condition` names in SQL, and seals them anew.
  ///
  /// A row that is not as it was written gets no new seal, which would hide that: throws
  /// ``StoreFailure/corrupt(_:)``. The columns are none of the table's key. Holds one row.
  func updateSealed(
    _ table: String, set values: [(column: String, value: (any DatabaseValueConvertible)?)],
    where condition: String, _ arguments: StatementArguments = []
  ) throws {
    let key = try primaryKey(table).columns
    let columns = (values.map(\.column) + [Seal.columnName]).map { "\($0) = ?" }
    let row = key.map { "\($0) = ?" }.joined(separator: " AND ")
    let update = try cachedStatement(
      sql: "UPDATE \(table) SET \(columns.joined(separator: ", ")) WHERE \(row)")
    let rows = try Row.fetchCursor(
      self,
      sql: "SELECT * FROM \(table) WHERE \(condition) ORDER BY \(key.joined(separator: ", "))",
      arguments: arguments)
    while let row = try rows.next() {
      let names = Array(row.columnNames)
      var cells = Array(try row.sealed(in: table).databaseValues.dropLast())
      let place = key.map { row[$0] as DatabaseValue }
      let new = values.map { ($0.value?.databaseValue ?? .null).storable }
      for (index, value) in values.enumerated() {
        guard let cell = names.firstIndex(of: value.column) else {
          preconditionFailure("\(table) has a column \(value.column)")
        }
        cells[cell] = new[index]
      }
      try update.execute(
        arguments: StatementArguments(new + [Seal.of(table, cells).databaseValue] + place))
    }
  }
}

extension DatabaseValue {
  /// The value as it comes back from the file: text is bound and read up to a U+0000, which therefore
  /// is kept as U+FFFD; a seal over more than what is kept would call the row damaged.
  fileprivate var storable: DatabaseValue {
    guard case .string(let text) = storage, text.utf8.contains(0) else { return self }
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { kept.append(scalar.value == 0 ? "\u{FFFD}" : scalar) }
    return String(kept).databaseValue
  }
}
