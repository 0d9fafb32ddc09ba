import Dispatch
import FoundationEssentials
import GRDB
import Synchronization
import Testing
import WorkspaceStore

@Suite struct LogDatabaseTests {
  private let folder: TestFolder
  private let path: String

  init() throws {
    folder = try TestFolder()
    path = folder.path + "/log.sqlite"
  }

  private func bytes(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  private func setTime(_ time: Int64, in log: LogDatabase) throws {
    try log.write { try $0.execute(sql: "UPDATE log SET last_time = ?", arguments: [time]) }
  }

  private func time(in log: LogDatabase) throws -> Int64? {
    try log.read { try Int64.fetchOne($0, sql: "SELECT last_time FROM log") }
  }

  @Test func `what is committed is on the disk, whoever made the file`() throws {
    for _ in 0..<2 {
      let log = try LogDatabase(path: path)
      let settings = try log.write { db in
        (
          try Int.fetchOne(db, sql: "PRAGMA synchronous"),
          try String.fetchOne(db, sql: "PRAGMA journal_mode"),
          try Int.fetchOne(db, sql: "PRAGMA foreign_keys"),
          try Int.fetchOne(db, sql: "PRAGMA trusted_schema")
        )
      }
      #expect(settings == (2, "wal", 1, 0))
      try log.close()
    }
  }

  @Test func `SQL cannot change the schema's own table`() throws {
    let log = try LogDatabase(path: path)
    #expect(throws: StoreFailure.self) {
      try log.write { db in
        try db.execute(sql: "PRAGMA writable_schema = ON; DELETE FROM sqlite_master")
      }
    }
    #expect(throws: StoreFailure.self) {
      try log.read { try $0.execute(sql: "UPDATE log SET last_time = 1") }
    }
  }

  @Test func `opening and reading wait for nobody, and change nothing`() throws {
    try LogDatabase(path: path).close()
    let before = try bytes(path)
    let lock = try FileLock(path: path + ".lock")
    #expect(try lock.keep(patience: .zero))
    let log = try LogDatabase(path: path, patience: .milliseconds(20))
    #expect(try time(in: log) == 0)
    do {
      try setTime(1, in: log)
      Issue.record("it wrote without the lock")
    } catch StoreFailure.busy {
      #expect(try time(in: log) == 0)
    }
    try log.close()
    #expect(try bytes(path) == before)
  }

  @Test func `a file of a newer version is refused and keeps its bytes`() throws {
    let log = try LogDatabase(path: path)
    try log.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('later')") }
    try log.close()
    let before = try bytes(path)
    do {
      _ = try LogDatabase(path: path)
      Issue.record("it was opened")
    } catch StoreFailure.newerSchema(let refused) {
      #expect(refused == path)
    }
    #expect(try bytes(path) == before)
  }

  @Test func `a log let go is one file, and keeps its WAL while another process writes`() throws {
    do {
      let log = try LogDatabase(path: path)
      try setTime(1, in: log)
    }
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    do {
      let lock: FileLock
      let log = try LogDatabase(path: path, patience: .milliseconds(20))
      try setTime(2, in: log)
      lock = try FileLock(path: path + ".lock")
      #expect(try lock.keep(patience: .zero))
      withExtendedLifetime(lock) { try? log.close() }
    }
    #expect(!(try bytes(path + "-wal")).isEmpty)
    let log = try LogDatabase(path: path)
    #expect(try time(in: log) == 2)
  }

  @Test func `every write holds the lock, while others empty the WAL`() throws {
    let log = try LogDatabase(path: path)
    let probe = try FileLock(path: path + ".lock")
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for round in 0..<50 {
        do {
          if thread % 2 == 0 {
            try log.emptyWAL()
          } else {
            try log.write { db in
              let isHeld = try probe.isHeld()
              if !isHeld { failures.withLock { $0.append("round \(round) wrote unlocked") } }
              try db.execute(sql: "UPDATE log SET last_time = last_time + 1")
            }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try time(in: log) == 100)
  }

  @Test func `those who ask whether a lock is held do not take each other for holders`() throws {
    let path = folder.path + "/lock"
    let (one, other) = (try FileLock(path: path), try FileLock(path: path))
    #expect(try !one.isHeld())
    #expect(try !other.isHeld())
    #expect(try one.keep(patience: .zero))
    #expect(try other.isHeld())
    #expect(try !other.keep(patience: .milliseconds(5)))
  }
}
