import FoundationEssentials
import GRDB
import Testing

@testable import WorkspaceStore

@Suite struct ReadingCopyTests {
  private let folder: TestFolder
  private let path: String
  private let patience = Duration.seconds(5)

  init() throws {
    folder = try TestFolder()
    path = folder.path + "/log.sqlite"
  }

  private func setTime(_ time: Int64, in log: LogDatabase) throws {
    try log.write { try $0.execute(sql: "UPDATE log SET last_time = ?", arguments: [time]) }
  }

  private func time(in path: String) throws -> Int64? {
    let copy = try LogDatabase(path: path)
    defer { try? copy.close() }
    return try copy.read { try Int64.fetchOne($0, sql: "SELECT last_time FROM log") }
  }

  @Test func `a copy has what is in the WAL alone, and is gone when it is removed`() throws {
    let log = try LogDatabase(path: path)
    try setTime(7, in: log)
    #expect(FileManager.default.fileExists(atPath: path + "-wal"))
    let copy = try ReadingCopy(of: path, patience: patience)
    try setTime(8, in: log)
    #expect(try time(in: copy.path) == 7)
    copy.remove()
    #expect(!FileManager.default.fileExists(atPath: copy.path))
  }

  @Test func `a file over the limit is not copied, one at the limit is`() throws {
    let log = try LogDatabase(path: path)
    try setTime(7, in: log)
    let bytes = log.byteCount
    try ReadingCopy(of: path, patience: patience, bytesMax: bytes).remove()
    #expect(throws: StoreFailure.self) {
      try ReadingCopy(of: path, patience: patience, bytesMax: bytes - 1)
    }
  }

  @Test func `no copy is made while somebody writes`() throws {
    let log = try LogDatabase(path: path)
    let lock = try FileLock(path: path + ".lock")
    #expect(throws: StoreFailure.self) {
      try lock.whileLocked(patience: patience) {
        _ = try ReadingCopy(of: path, patience: .zero)
      }
    }
    try ReadingCopy(of: path, patience: patience).remove()
    try log.close()
  }

  @Test func `a temporary folder is its user's alone, and needs room`() throws {
    let made = try PrivateFolder(for: "test", bytes: 1)
    let attributes = try FileManager.default.attributesOfItem(atPath: made.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    made.remove()
    #expect(throws: StoreFailure.self) { try PrivateFolder(for: "test", bytes: .max / 2) }
  }
}
