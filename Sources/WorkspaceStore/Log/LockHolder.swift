import FoundationEssentials
import Glibc

/// The process that holds a lock, as people know it: Linux lists the holders of its locks.
package struct LockHolder: Hashable, Sendable {
  /// The process's number.
  package let process: Int32
  /// What was typed to start it; nil where the system does not tell.
  package let command: String?

  private static let commandCharactersMax = 60

  /// The holder of the exclusive lock on an open file; nil where the system does not say.
  init?(ofLockOn descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0,
      let list = FileManager.default.contents(atPath: "/proc/locks"),
      let process = Self.process(in: String(decoding: list, as: UTF8.self), UInt64(status.st_ino))
    else { return nil }
    self.process = process
    command = Self.command(of: process)
  }

  /// The process of the line, such as `3: FLOCK  ADVISORY  WRITE 4711 08:01:123 0 EOF`, for a file.
  ///
  /// The device is not compared: some file systems give here another number than `stat` does.
  static func process(in list: String, _ inode: UInt64) -> Int32? {
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE",
        let process = Int32(words[4]), process > 0,
        words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
      else { continue }
      return process
    }
    return nil
  }

  private static func command(of process: Int32) -> String? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"),
      !bytes.isEmpty
    else { return nil }
    var words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    if let program = words.first?.split(separator: "/").last { words[0] = String(program) }
    return String(words.joined(separator: " ").prefix(commandCharactersMax))
  }
}
