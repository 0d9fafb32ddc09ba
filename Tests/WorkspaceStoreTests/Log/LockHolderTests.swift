import Glibc
import Testing

@testable import WorkspaceStore

@Suite struct LockHolderTests {
  @Test func `the holder of a file's exclusive lock is found in the system's list`() {
    let list = """
      1: POSIX  ADVISORY  WRITE 11 08:01:123 0 EOF
      2: FLOCK  ADVISORY  READ  12 08:01:123 0 EOF
      3: FLOCK  ADVISORY  WRITE 13 08:01:1234 0 EOF
      4: FLOCK  ADVISORY  WRITE 14 fe:00:123 0 EOF
      4: -> FLOCK  ADVISORY  WRITE 15 fe:00:123 0 EOF
      """
    #expect(LockHolder.process(in: list, 123) == 14)
    #expect(LockHolder.process(in: list, 99) == nil)
    #expect(LockHolder.process(in: "", 123) == nil)
  }

  @Test func `who holds the store is named when it is not given up`() throws {
    let folder = try TestFolder()
    let lock = try FileLock(path: folder.path + "/lock")
    let other = try FileLock(path: folder.path + "/lock")
    try lock.whileLocked(patience: .zero) {
      do {
        try other.whileLocked(patience: .milliseconds(1)) {}
        Issue.record("two hold one lock")
      } catch StoreFailure.busy(let holder) {
        #expect(holder == nil || holder?.process == getpid())
      }
    }
  }
}
