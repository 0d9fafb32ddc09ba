import FoundationEssentials
package import GRDB
import MergeCore
import SyncProtocol

/// One log's SQLite file, opened.
///
/// WAL, `synchronous=FULL`. Every write, and every checkpoint of the WAL, happens under one advisory
/// lock beside the file, so that no two connections of any process write or checkpoint at once
/// (DESIGN.md §8: the WAL-reset race of SQLite before 3.51.3).
package final class LogDatabase: Sendable {
  package let path: String
  private let pool: DatabasePool
  private let lock: FileLock

  /// Opens the file, making it and its tables where they are missing.
  ///
  /// - Parameter migrations: further tables of this holder.
  package init(
    path: String, migrations: @Sendable (inout DatabaseMigrator) -> Void = { _ in }
  ) throws(StoreFailure) {
    self.path = path
    do {
      lock = try FileLock(path: path + ".lock")
      var migrator = DatabaseMigrator()
      LogSchema.register(in: &migrator)
      migrations(&migrator)
      pool = try lock.whileLocked {
        let pool = try DatabasePool(path: path, configuration: Self.configuration)
        guard try !pool.read(migrator.hasBeenSuperseded) else {
          throw StoreFailure.newerSchema(path: path)
        }
        try migrator.migrate(pool)
        try pool.write { db in
          try db.execute(
            sql: "INSERT OR IGNORE INTO log (id, state_digest) VALUES (1, ?)",
            arguments: [Digest256.zero.blob])
        }
        return pool
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  /// Closes every connection, under the lock because the last one to close checkpoints.
  package func close() throws(StoreFailure) {
    do { try lock.whileLocked { try pool.close() } } catch { throw StoreFailure(error) }
  }

  /// Moves everything from the WAL into the file, and empties it; left undone while somebody reads.
  ///
  /// Closing does not do that: the connections that close last may only read.
  package func emptyWAL() throws(StoreFailure) {
    do {
      try lock.whileLocked {
        _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      }
    } catch {
      guard case .busy = StoreFailure(error) else { throw StoreFailure(error) }
    }
  }

  /// Runs `body` on one consistent snapshot; what SQLite fails with is a ``StoreFailure``.
  package func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do { return try pool.read(body) } catch let error as DatabaseError {
      throw StoreFailure(error)
    }
  }

  /// Runs `body` as one durable transaction; what it throws undoes it, and what SQLite fails with is
  /// a ``StoreFailure``.
  package func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do { return try transaction(body) } catch let error as DatabaseError {
      throw StoreFailure(error)
    }
  }

  private func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try withoutActuallyEscaping(body) { body in
      try pool.writeWithoutTransaction { db in
        try lock.whileLocked {
          var value: Value?
          try db.inTransaction(.immediate) {
            value = try body(db)
            return .commit
          }
          guard let value else { preconditionFailure("the transaction ran") }
          return value
        }
      }
    }
  }

  /// Runs `body` outside any transaction while nobody writes, in this process or another.
  func exclusively(_ body: () throws -> Void) throws {
    try withoutActuallyEscaping(body) { body in
      try pool.writeWithoutTransaction { _ in try lock.whileLocked { try body() } }
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(30)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF")
    }
    return configuration
  }
}
