import GRDB
import SQLiteSwitches

/// The connection of this process that writes a log's file, and the lock that it writes under.
///
/// Every write and every checkpoint of the WAL happens while the lock is held, so that no two
/// connections of any process write or checkpoint at once (DESIGN.md §8: the WAL-reset race of SQLite
/// before 3.51.3). Its users take turns by themselves, and take the lock before the connection.
final class WritingConnection: Sendable {
  private let lock: FileLock
  private let patience: Duration
  private let queue: DatabaseQueue

  /// Opens, or makes, the file at `path`.
  init(path: String, patience: Duration) throws {
    self.patience = patience
    lock = try FileLock(path: path + ".lock")
    queue = try lock.whileLocked(patience: patience) {
      let queue = try DatabaseQueue(path: path, configuration: .log(isReadOnly: false))
      try queue.writeWithoutTransaction { try $0.prepareForWriting() }
      return queue
    }
  }

  /// Runs `body` outside any transaction while no other process writes.
  func exclusively(_ body: (DatabaseQueue) throws -> Void) throws {
    try lock.whileLocked(patience: patience) { try body(queue) }
  }

  /// Closes the connection under the lock, because the last one to close checkpoints.
  func close() throws {
    try lock.whileLocked(patience: patience) {
      try queue.writeWithoutTransaction { try $0.setCheckpointOnClose(true) }
      try queue.close()
    }
  }
}

extension Configuration {
  /// How every connection to a log's file is set up.
  static func log(isReadOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(30)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
      try db.setDefensive()
      // A connection that is closed unattended does not hold the lock.
      try db.setCheckpointOnClose(false)
    }
    return configuration
  }
}

extension Database {
  /// WAL, and nothing acknowledged before it is on the disk.
  ///
  /// `DatabasePool` would set `synchronous` back to NORMAL after any set-up of ours, and write a table
  /// whenever it finds no WAL: therefore the connection that writes is no pool's.
  fileprivate func prepareForWriting() throws {
    let mode = try String.fetchOne(self, sql: "PRAGMA journal_mode = WAL")
    guard mode == "wal" else {
      throw StoreFailure.inputOutput("the file system of the store does not allow SQLite's WAL")
    }
    try execute(sql: "PRAGMA synchronous = FULL")
    let synchronous = try Int.fetchOne(self, sql: "PRAGMA synchronous")
    precondition(synchronous == 2, "what is committed is on the disk")
  }

  fileprivate func setDefensive() throws {
    try check(sqlite_switches_set_defensive(sqliteConnection, 1))
  }

  fileprivate func setCheckpointOnClose(_ isOn: Bool) throws {
    try check(sqlite_switches_set_checkpoint_on_close(sqliteConnection, isOn ? 1 : 0))
  }

  private func check(_ code: CInt) throws {
    guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
