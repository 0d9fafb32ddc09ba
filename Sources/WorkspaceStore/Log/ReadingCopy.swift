import Glibc

/// A private copy of a log's file with its WAL, to read where nothing can be written beside the
/// original: SQLite needs a file beside a WAL even to read it.
///
/// Opening such a file as `immutable` instead would leave the WAL out, and with it everything that was
/// committed since it was last emptied. The copy is of one moment: it is made while no other process
/// of ours writes (under the shared lock, which needs no right to write), and made again when a file
/// changed meanwhile.
struct ReadingCopy {
  /// The copied file.
  let path: String
  private let folder: PrivateFolder

  /// Bytes of a file and its WAL that are copied.
  static let bytesMax: UInt64 = 16 << 30
  private static let attemptsMax = 5
  private static let suffixes = ["", "-wal", "-journal"]

  /// Copies; linear in the file.
  ///
  /// Throws ``StoreFailure/busy(by:)`` when others write for longer than `patience`.
  init(of original: String, patience: Duration, bytesMax: UInt64 = ReadingCopy.bytesMax) throws {
    let lock = try FileLock(sharing: original + ".lock")
    let folder = try lock.map { lock in
      try lock.whileShared(patience: patience) { try Self.copy(original, bytesMax) }
    }
    self.folder = try folder ?? Self.copy(original, bytesMax)
    path = self.folder.path + "/" + Self.name
  }

  /// Removes the copy; connections that have opened it go on reading.
  func remove() { folder.remove() }

  private static let name = "copy.sqlite"

  private static func copy(_ original: String, _ bytesMax: UInt64) throws -> PrivateFolder {
    for _ in 0..<attemptsMax {
      let before = try suffixes.map { try Fingerprint(original + $0) }
      let bytes = before.reduce(0) { $0 + ($1?.bytes ?? 0) }
      guard bytes <= bytesMax else {
        throw StoreFailure.inputOutput(
          "\(original) has \(bytes) bytes, and only \(bytesMax) are copied to be read")
      }
      // Twice: the WAL's contents may have to be moved into the file.
      let folder = try PrivateFolder(for: "copy", bytes: 2 * bytes)
      do {
        for suffix in suffixes where try Fingerprint(original + suffix) != nil {
          try FileCopy.make(of: original + suffix, at: folder.path + "/" + name + suffix)
        }
        if try suffixes.map({ try Fingerprint(original + $0) }) == before { return folder }
      } catch {
        folder.remove()
        throw error
      }
      folder.remove()
    }
    throw StoreFailure.busy(by: nil)
  }
}

/// What tells that a file was written, replaced or removed.
private struct Fingerprint: Equatable {
  let bytes: UInt64
  private let inode: UInt64
  private let device: UInt64
  private let modified: [Int]

  /// Nil when there is no such file.
  init?(_ path: String) throws(StoreFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw StoreFailure(FileFailure(.read, path))
    }
    bytes = UInt64(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    modified = [Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
  }
}

/// A file copied byte for byte.
private enum FileCopy {
  private static let pieceBytes = 1 << 20

  /// Copies a file to a new one, which only its owner may read.
  static func make(of source: String, at target: String) throws(StoreFailure) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw StoreFailure(FileFailure(.read, source)) }
    defer { close(input) }
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw StoreFailure(FileFailure(.make, target)) }
    defer { close(output) }
    var buffer = [UInt8](repeating: 0, count: pieceBytes)
    while true {
      let count = read(input, &buffer, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreFailure(FileFailure(.read, source))
      }
      var written = 0
      while written < count {
        let part = buffer[written..<count].withUnsafeBytes {
          write(output, $0.baseAddress, $0.count)
        }
        if part >= 0 {
          written += part
        } else if errno != EINTR {
          throw StoreFailure(FileFailure(.write, target))
        }
      }
    }
  }
}
