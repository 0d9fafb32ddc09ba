import FoundationEssentials
import Glibc
import Testing

@testable import WorkspaceStore

@Suite struct DurableFileTests {
  private let folder: TestFolder
  private let path: String

  init() throws {
    folder = try TestFolder()
    path = folder.path + "/file"
  }

  private func failure(_ body: () throws -> Void) -> FileFailure? {
    do { try body() } catch { return error as? FileFailure }
    return nil
  }

  @Test func `a file is replaced as a whole, and nothing is left beside it`() throws {
    let large = [UInt8](repeating: 7, count: 300_000)
    for bytes in [[], [1, 2, 3], large, [4]] as [[UInt8]] {
      try DurableFile.replace(path, with: bytes)
      #expect(try DurableFile.read(path, bytesMax: 1 << 20) == bytes)
    }
    try DurableFile.replace(path, with: [5], isFlushed: false)
    #expect(try DurableFile.read(path, bytesMax: 1 << 20) == [5])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  @Test func `what cannot be written is told, and leaves all as it was`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let refused = failure { try DurableFile.replace(path, with: [1]) }
    #expect(refused?.step == .write)
    #expect(refused?.number == EISDIR)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
    #expect(failure { try DurableFile.replace("/dev/full/x", with: [1]) }?.step == .make)
    #expect(failure { _ = try DurableFile.read(path, bytesMax: 4) }?.number == EISDIR)
  }

  @Test func `a new file is not written over`() throws {
    try DurableFile.create(path, with: [1], mode: 0o644)
    #expect(failure { try DurableFile.create(path, with: [2], mode: 0o644) }?.number == EEXIST)
    #expect(try DurableFile.read(path, bytesMax: 9) == [1])
  }

  @Test func `a file that is not there is none; of a long one the beginning is read`() throws {
    #expect(try DurableFile.read(path, bytesMax: 9) == nil)
    try DurableFile.replace(path, with: [1, 2, 3])
    #expect(try DurableFile.read(path, bytesMax: 2) == [1, 2])
  }

  @Test func `a folder that cannot be flushed is told`() throws {
    #expect(failure { try DurableFile.flushFolder(of: path + "/none/x") }?.step == .flush)
    try DurableFile.flushFolder(of: path)
    try DurableFile.flushFolder(of: "relative")
  }

  @Test func `a full disk is a failure of its own to a store`() {
    guard case .diskFull = StoreFailure(Self.onFullDisk()) else {
      Issue.record("it is not")
      return
    }
  }

  private static func onFullDisk() -> FileFailure {
    errno = ENOSPC
    return FileFailure(.write, "file")
  }
}
