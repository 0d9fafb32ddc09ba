package import Glibc

/// Small files that are there in full, and survive a power cut, or are not there at all.
package enum DurableFile {
  /// Writes a file beside `path` and moves it there, over what was there.
  ///
  /// After a failure the file is as it was, unless the move itself could not be flushed.
  ///
  /// - Parameter isFlushed: whether the move is durable too; without that, a power cut leaves the
  ///   earlier contents or these, and never half of them.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: mode_t = 0o600, isFlushed: Bool = true
  ) throws(FileFailure) {
    let temporary = path + ".\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFailure(.make, path) }
    do throws(FileFailure) {
      try write(bytes, to: descriptor, path)
      guard rename(temporary, path) == 0 else { throw FileFailure(.write, path) }
    } catch {
      unlink(temporary)
      throw error
    }
    if isFlushed { try flushFolder(of: path) }
  }

  /// Writes a file that was not there, or leaves none.
  package static func create(
    _ path: String, with bytes: [UInt8], mode: mode_t
  ) throws(FileFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFailure(.make, path) }
    do throws(FileFailure) {
      try write(bytes, to: descriptor, path)
      try flushFolder(of: path)
    } catch {
      unlink(path)
      throw error
    }
  }

  /// The first `bytesMax` bytes of a file; nil when there is none.
  package static func read(_ path: String, bytesMax: Int) throws(FileFailure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FileFailure(.read, path)
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    var count = 0
    while count < bytesMax {
      let part = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), bytesMax - count)
      }
      if part == 0 { break }
      if part > 0 { count += part } else if errno != EINTR { throw FileFailure(.read, path) }
    }
    return Array(bytes.prefix(count))
  }

  /// Gives a finished file, the draft, its name, under which nothing is yet; the draft is gone then.
  ///
  /// Links where the file system has links, and else moves (``move(_:to:)``). Fails with `EEXIST` when
  /// there is a file of that name.
  package static func name(_ draft: String, as path: String) throws(FileFailure) {
    if link(draft, path) == 0 {
      unlink(draft)
    } else {
      guard errno != EEXIST else { throw FileFailure(.make, path) }
      try move(draft, to: path)
    }
    try flushFolder(of: path)
  }

  /// Moves a file to a name under which nothing is, on file systems without links (FAT, exFAT, shares
  /// of other systems): the name is taken by an empty file first, so that nobody else's is replaced.
  static func move(_ draft: String, to path: String) throws(FileFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFailure(.make, path) }
    close(descriptor)
    guard rename(draft, path) == 0 else {
      let failure = FileFailure(.make, path)
      unlink(path)
      throw failure
    }
  }

  /// Makes what a file holds durable, whoever wrote it.
  package static func flush(_ path: String) throws(FileFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure(.flush, path) }
    defer { close(descriptor) }
    guard flush(descriptor) else { throw FileFailure(.flush, path) }
  }

  /// Makes the entry of `path` in its folder durable.
  package static func flushFolder(of path: String) throws(FileFailure) {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    let folder = end == path.startIndex ? (path.hasPrefix("/") ? "/" : ".") : String(path[..<end])
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure(.flush, folder) }
    defer { close(descriptor) }
    // EINVAL: a file system that keeps its folders without being asked, or cannot be asked.
    guard flush(descriptor) || errno == EINVAL else { throw FileFailure(.flush, folder) }
  }

  /// Writes all bytes durably, and closes.
  private static func write(
    _ bytes: [UInt8], to descriptor: CInt, _ path: String
  ) throws(FileFailure) {
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw FileFailure(.write, path)
      }
    }
    guard flush(descriptor) else { throw FileFailure(.flush, path) }
  }

  private static func flush(_ descriptor: CInt) -> Bool {
    while fsync(descriptor) != 0 {
      if errno != EINTR { return false }
    }
    return true
  }
}

/// A system call on a file that failed.
package struct FileFailure: Error, Hashable, Sendable {
  /// What was being done.
  package enum Step: String, Sendable {
    case make, write, flush, read
  }

  package let step: Step
  package let path: String
  /// The system's number for what is wrong.
  package let number: CInt

  /// What `errno` says just now.
  init(_ step: Step, _ path: String) {
    number = errno
    self.step = step
    self.path = path
  }

  /// The system's words.
  package var reason: String { String(cString: strerror(number)) }
}

extension StoreFailure {
  /// What `errno` says just now of making a file.
  package init(system path: String) { self = StoreFailure(FileFailure(.make, path)) }

  /// The same as a failure of a store.
  package init(_ failure: FileFailure) {
    self =
      StoreFailure(number: failure.number, path: failure.path)
      ?? .inputOutput("cannot \(failure.step.rawValue) \(failure.path): \(failure.reason)")
  }
}
