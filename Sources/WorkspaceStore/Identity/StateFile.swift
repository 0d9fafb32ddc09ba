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
  func read() throws(StoreFailure) -> [[UInt8]] {
    do {
      guard let bytes = try DurableFile.read(path, bytesMax: 256) else { return [] }
      return bytes.split(separator: UInt8(ascii: "\n"))
        .compactMap { hexBytes(String(decoding: $0, as: UTF8.self)) }
    } catch {
      throw StoreFailure(error)
    }
  }

  /// Forgets the nonce before `next`, so that a copy which holds the earlier one is noticed.
  ///
  /// For when the database holds `next`. Does nothing when another process has rotated since.
  func settle(_ next: [UInt8]) throws(StoreFailure) {
    guard try read().last == next else { return }
    try write(current: next, next: next, isDurable: false)
  }

  /// Replaces the file, durably.
  func write(
    current: [UInt8], next: [UInt8], isDurable: Bool = true
  ) throws(StoreFailure) {
    let text = hexText(current) + "\n" + hexText(next) + "\n"
    do throws(FileFailure) {
      try makeDirectories()
      try DurableFile.replace(path, with: Array(text.utf8), isFlushed: isDurable)
    } catch {
      throw StoreFailure(error)
    }
  }

  private func makeDirectories() throws(FileFailure) {
    var prefix = ""
    for part in directory.split(separator: "/") {
      prefix += "/" + part
      if mkdir(prefix, 0o700) == 0 {
        try DurableFile.flushFolder(of: prefix)
      } else if errno != EEXIST, errno != EROFS, errno != EACCES {
        throw FileFailure(.make, prefix)
      }
    }
  }
}
