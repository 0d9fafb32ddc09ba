import CommandLineKit
import Glibc
import WorkspaceStore

/// A file that is made and was not there before.
enum NewFile {
  /// Writes a new file in full, or leaves none.
  static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    guard !RawArguments.isDamaged(path) else {
      throw CommandFailure(
        .cannotCreate, "cannot make \(path): a file of that name is there",
        remedy: "choose another name, or remove the file first")
    }
    do {
      try DurableFile.create(path, with: bytes, mode: 0o644)
    } catch {
      guard error.step == .make else {
        throw CommandFailure(.ioError, "cannot write \(path): \(error.reason)")
      }
      throw CommandFailure(
        .cannotCreate, "cannot make \(path): \(error.reason)",
        remedy: error.number == EEXIST ? "choose another name, or remove the file first" : nil)
    }
  }
}
