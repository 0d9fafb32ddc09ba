import CommandLineKit
import Glibc

/// A file that is made and was not there before.
enum NewFile {
  /// Writes a new file in full, or leaves none.
  static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard number >= 0 else {
      let isThere = errno == EEXIST
      let reason = String(cString: strerror(errno))
      throw CommandFailure(
        .cannotCreate, "cannot make \(path): \(reason)",
        remedy: isThere ? "choose another name, or remove the file first" : nil)
    }
    defer { close(number) }
    do throws(FileDescriptor.Failure) {
      try FileDescriptor(rawValue: number).write(bytes)
      guard fsync(number) == 0 else { throw FileDescriptor.Failure(number: errno) }
    } catch {
      unlink(path)
      throw CommandFailure(.ioError, "cannot write \(path): \(error.reason)")
    }
  }
}
