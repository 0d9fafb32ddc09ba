import WorkspaceStore
import Glibc

/// Small files that are there in full, and survive a power cut, or are not there at all.
enum DurableFile {
  /// Writes a file beside `path`, flushes it, and moves it there.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(ServerFailure) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemReason()) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else { break }
      rest = rest.dropFirst(written)
    }
    let isFlushed = rest.isEmpty && fsync(descriptor) == 0
    let reason = systemReason()
    close(descriptor)
    guard isFlushed, rename(temporary, path) == 0 else {
      unlink(temporary)
      throw .cannotCreate(path: path, reason: reason)
    }
    flushFolder(of: path)
  }

  /// The bytes of a file of at most 64 kB; nil when there is none.
  static func read(_ path: String) throws(ServerFailure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .store(.inputOutput("cannot open \(path): \(systemReason())"))
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else {
      throw .store(.inputOutput("cannot read \(path): \(systemReason())"))
    }
    return Array(bytes.prefix(count))
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a folder that only its owner may enter.
  static func makeFolder(_ path: String) throws(ServerFailure) {
    guard mkdir(path, 0o700) == 0 else {
      throw .cannotCreate(path: path, reason: systemReason())
    }
  }

  /// Makes the entry of `path` in its folder durable.
  static func flushFolder(of path: String) {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    let folder = String(path[..<end])
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// The system's words for what just failed.
func systemReason() -> String { String(cString: strerror(errno)) }
