package import GRDB
import Glibc
import Synchronization

/// One log's SQLite file, opened.
///
/// Opening and reading write nothing and wait for nobody, unless the tables have yet to be made or
/// brought up to date. The first write opens the ``WritingConnection``.
package final class LogDatabase: Sendable {
  package let path: String
  private let readers: any DatabaseReader
  /// Whoever holds it writes: first this turn within the process, then the lock between processes.
  private let writer: Mutex<Writer>
  private let patience: Duration
  /// What makes the file's tables.
  let migrator: DatabaseMigrator
  /// The file that was opened, and its WAL as it was when this process first wrote.
  private let opened: FileIdentity?
  private let openedWAL = Mutex<FileIdentity?>(nil)

  private enum Writer {
    case unopened
    case open(WritingConnection)
    /// Nothing can be written here, and why.
    case refused(StoreFailure)
    case closed
  }

  /// For how long a write waits for another process before it fails as ``StoreFailure/busy(by:)``.
  package static let patience = Duration.seconds(30)

  /// Opens the file, making it and its tables where they are missing.
  ///
  /// A file of a newer version is not changed by as much as a byte.
  ///
  /// - Parameters:
  ///   - patience: for how long to wait for other processes that write.
  ///   - mayCopy: whether a file beside which nothing can be written (a read-only file system, another
  ///     user's folder, a full disk) is read from a ``ReadingCopy`` made now. That is for commands:
  ///     what others write later is not seen.
  ///   - migrations: further tables of this holder.
  package init(
    path: String, patience: Duration = LogDatabase.patience, mayCopy: Bool = false,
    migrations: @Sendable (inout DatabaseMigrator) -> Void = { _ in }
  ) throws(StoreFailure) {
    self.path = path
    self.patience = patience
    var migrator = DatabaseMigrator()
    LogSchema.register(in: &migrator)
    migrations(&migrator)
    self.migrator = migrator
    do {
      let connection = try Self.open(path, migrator, patience, mayCopy: mayCopy)
      readers = connection.readers
      writer = Mutex(connection.writer)
      opened = FileIdentity(path)
    } catch {
      throw StoreFailure(error).explained(at: path)
    }
  }

  private static func open(
    _ path: String, _ migrator: DatabaseMigrator, _ patience: Duration, mayCopy: Bool
  ) throws -> (readers: any DatabaseReader, writer: Writer) {
    if mayCopy, let obstacle = StoreFailure.obstacle(toWriting: path) {
      return (try readers(ofCopy: path, migrator, patience), .refused(obstacle))
    }
    do {
      // Whoever was killed while making the file may have left a rollback journal beside it, which only
      // a connection that may write can undo: readers would fail for ever.
      let recovered =
        try FileStatus(path + "-journal").exists
        ? WritingConnection(path: path, patience: patience) : nil
      if let readers = try readers(ofCurrent: path, migrator) {
        return (readers, recovered.map(Writer.open) ?? .unopened)
      }
      let connection = try recovered ?? WritingConnection(path: path, patience: patience)
      try connection.exclusively { try migrator.migrate($0) }
      return (try readers(of: path), .open(connection))
    } catch {
      // A full disk has no room for the file that SQLite needs beside a WAL.
      switch StoreFailure(error) {
      case .inputOutput where mayCopy, .diskFull where mayCopy:
        return (try readers(ofCopy: path, migrator, patience), .unopened)
      default: throw error
      }
    }
  }

  deinit {
    do {
      try close()
    } catch {
      // Somebody else holds the lock: then the connection ends without a checkpoint, and the WAL
      // keeps what was committed for whoever writes next.
    }
  }

  /// Closes every connection; the last one to close the file moves the WAL into it.
  ///
  /// Closing again does nothing.
  package func close() throws(StoreFailure) {
    do {
      try readers.close()
      try writer.withLock { writer in
        let earlier = writer
        writer = .closed
        if case .open(let connection) = earlier { try connection.close() }
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  /// Moves everything from the WAL into the file, and empties it; left undone while somebody reads.
  ///
  /// Closing does not do that while another process has the file open.
  package func emptyWAL() throws(StoreFailure) {
    do {
      try write { connection in
        try connection.exclusively { queue in
          _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
      }
    } catch {
      guard case .busy = StoreFailure(error) else { throw StoreFailure(error) }
    }
  }

  /// Bytes of the file and its WAL, about what a copy of the log needs.
  package var byteCount: UInt64 {
    ["", "-wal"].reduce(0) { sum, suffix in
      var status = stat()
      return stat(path + suffix, &status) == 0 ? sum + UInt64(status.st_size) : sum
    }
  }

  /// Runs `body` on one consistent snapshot; what SQLite fails with is a ``StoreFailure``.
  package func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try readers.read(body)
    } catch let error where Self.isDatabase(error) {
      throw StoreFailure(error)
    }
  }

  /// Runs `body` as one durable transaction; what it throws undoes it, and what SQLite fails with is
  /// a ``StoreFailure``.
  package func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try transact(.commit, body)
  }

  /// Runs `body` as a transaction that is always undone; on the private copy, where that is what is
  /// read.
  func rehearse<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try transact(.rollback, body)
  }

  private func transact<Value>(
    _ end: Database.TransactionCompletion, _ body: (Database) throws -> Value
  ) throws -> Value {
    var value: Value?
    func run(_ queue: DatabaseQueue) throws {
      try queue.writeWithoutTransaction { db in
        try db.inTransaction(.immediate) {
          try db.checkNothingActs()
          value = try body(db)
          return end
        }
      }
    }
    do {
      if end == .rollback, let copy = readers as? DatabaseQueue {
        try run(copy)
      } else {
        try write { connection in try connection.exclusively(run) }
      }
    } catch let error where Self.isDatabase(error) {
      throw StoreFailure(error).explained(at: path)
    }
    guard let value else { preconditionFailure("the transaction ran") }
    return value
  }

  /// Whether the path still names the file that is open, and its WAL the one that is written to.
  ///
  /// What is written into a file that was removed or replaced is gone when the last process closes it,
  /// and SQLite does not say so.
  package var isInPlace: Bool {
    guard let opened, FileIdentity(path) == opened else { return false }
    return openedWAL.withLock { known in
      guard let identity = known else {
        known = FileIdentity(path + "-wal")
        return true
      }
      return FileIdentity(path + "-wal") == identity
    }
  }

  /// The file that was opened; nil where the system did not say.
  package var openedFile: FileIdentity? { opened }

  /// Copies the file as it is at one moment, also while others write (SQLite's online backup).
  ///
  /// `path` is not there, or is empty. The copy is one file, which can be read where nothing can be
  /// written. Cost: the size of the file.
  package func copy(to path: String) throws(StoreFailure) {
    do {
      let copy = try DatabaseQueue(path: path)
      try readers.backup(to: copy)
      try copy.writeWithoutTransaction { db in
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      }
      try copy.close()
    } catch {
      throw StoreFailure(error)
    }
  }

  /// Runs `body` outside any transaction while nobody writes, in this process or another.
  package func exclusively(_ body: () throws -> Void) throws {
    try exclusively { (_: DatabaseQueue) in try body() }
  }

  /// The same, with the connection that writes.
  func exclusively(_ body: (DatabaseQueue) throws -> Void) throws {
    try write { connection in try connection.exclusively(body) }
  }

  private static func isDatabase(_ error: any Error) -> Bool {
    error is DatabaseError || error is RowDecodingError
  }

  private func write(_ body: (WritingConnection) throws -> Void) throws {
    try writer.withLock { writer in
      switch writer {
      case .open(let connection):
        try body(connection)
      case .unopened:
        // A connection for writing would make the file that somebody took away.
        guard let opened, FileIdentity(path) == opened else {
          throw StoreFailure.inputOutput("\(path) was removed or replaced")
        }
        let connection = try WritingConnection(path: path, patience: patience)
        writer = .open(connection)
        try body(connection)
      case .refused(let obstacle):
        throw obstacle
      case .closed:
        throw StoreFailure.database("the log \(path) was closed")
      }
    }
  }

  /// Reading connections to a file whose tables are those of this version; nil when they have yet to
  /// be made.
  private static func readers(
    ofCurrent path: String, _ migrator: DatabaseMigrator
  ) throws -> DatabasePool? {
    guard FileStatus(path).exists else { return nil }
    let readers = try readers(of: path)
    let (isNewer, isCurrent) = try readers.read { db in
      (try migrator.hasBeenSuperseded(db), try migrator.hasCompletedMigrations(db))
    }
    guard !isNewer else { throw StoreFailure.newerSchema(path: path) }
    return isCurrent ? readers : nil
  }

  private static func readers(of path: String) throws -> DatabasePool {
    try DatabasePool(path: path, configuration: .log(isReadOnly: true))
  }

  /// The one connection to a copy, whose files are gone once it has opened them.
  private static func readers(
    ofCopy path: String, _ migrator: DatabaseMigrator, _ patience: Duration
  ) throws -> DatabaseQueue {
    let copy = try ReadingCopy(of: path, patience: patience)
    defer { copy.remove() }
    let queue = try DatabaseQueue(path: copy.path, configuration: .log(isReadOnly: false))
    let (isNewer, isCurrent) = try queue.read { db in
      (try migrator.hasBeenSuperseded(db), try migrator.hasCompletedMigrations(db))
    }
    guard !isNewer else { throw StoreFailure.newerSchema(path: path) }
    if !isCurrent { try migrator.migrate(queue) }
    return queue
  }
}
