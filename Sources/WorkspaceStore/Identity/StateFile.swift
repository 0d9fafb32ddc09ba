import Glibc
import MergeCore

/// The machine's half of a replica's nonce: one small file a replica, outside every store.
///
/// 32 bytes of hexadecimal text a line: `current`, then `next`. It is written before the transaction
/// that stores `next`, so the database may hold either (ruling 15): a crash between the two is no
/// doubt.
struct StateFile {
  private let directory: String
  private let path: String

  init(directory: String, replica: ReplicaID) {
    self.directory = directory
    path = directory + "/" + replica.hex
  }

  /// The nonces that the database may hold; empty where this machine never ran the replica.
  func read() throws -> [[UInt8]] {
    guard let text = try readText(path) else { return [] }
    return text.split(separator: "\n").compactMap { hexBytes($0) }
  }

  /// Forgets the nonce before `next`, so that a copy which holds the earlier one is noticed.
  ///
  /// For when the database holds `next`. Does nothing when another process has rotated since.
  func settle(_ next: [UInt8]) throws {
    guard try read().last == next else { return }
    try write(current: next, next: next, isDurable: false)
  }

  /// Replaces the file, durably.
  func write(current: [UInt8], next: [UInt8], isDurable: Bool = true) throws {
    try makeDirectories()
    let text = hexText(current) + "\n" + hexText(next) + "\n"
    let temporary = path + ".\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("write", temporary) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
      !isDurable || fsync(descriptor) == 0, rename(temporary, path) == 0
    else {
      let error = failure("write", path)
      unlink(temporary)
      throw error
    }
    if isDurable { syncDirectory() }
  }

  private func syncDirectory() {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private func makeDirectories() throws {
    var prefix = ""
    for part in directory.split(separator: "/") {
      prefix += "/" + part
      if mkdir(prefix, 0o700) != 0, errno != EEXIST, errno != EROFS, errno != EACCES {
        throw failure("make", prefix)
      }
    }
  }
}

private func readText(_ path: String) throws -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    if errno == ENOENT { return nil }
    throw failure("read", path)
  }
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 256)
  let count = read(descriptor, &buffer, buffer.count)
  guard count >= 0 else { throw failure("read", path) }
  return String(decoding: buffer.prefix(count), as: UTF8.self)
}

private func failure(_ verb: String, _ path: String) -> StoreFailure {
  errno == ENOSPC
    ? .diskFull : .inputOutput("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
}
