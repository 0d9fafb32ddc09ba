import FoundationEssentials
import Glibc

/// A new folder that only this user may enter, where this machine keeps what may go: `$TMPDIR`, `/tmp`,
/// `/var/tmp`, `$XDG_RUNTIME_DIR` or `/dev/shm`, the first that can be written and has the room.
///
/// More than one place is looked at, because what brings somebody to rescue a store is often that one
/// of them is full or read-only too.
package struct PrivateFolder: Sendable {
  package let path: String

  /// Bytes that stay free in a place that is taken, so that nobody else there is stopped.
  private static let reserve: UInt64 = 16 << 20

  /// Makes one with room for so many bytes.
  ///
  /// Throws ``StoreFailure/noTemporaryRoom(bytes:)`` when there is none anywhere.
  ///
  /// - Parameter purpose: a word for its name, after `hashiya-`.
  package init(for purpose: String, bytes: UInt64) throws(StoreFailure) {
    for place in Self.places where Self.freeBytes(place) ?? 0 >= bytes + Self.reserve {
      if let made = Self.make(place + "/hashiya-\(purpose)-XXXXXX") {
        path = made
        return
      }
    }
    throw .noTemporaryRoom(bytes: bytes)
  }

  /// Removes the folder with all it holds; what cannot be removed is the system's to clean up.
  package func remove() { try? FileManager.default.removeItem(atPath: path) }

  private static var places: [String] {
    [variable("TMPDIR"), "/tmp", "/var/tmp", variable("XDG_RUNTIME_DIR"), "/dev/shm"]
      .compactMap { $0 }
  }

  /// A variable that names a folder; nil where it names none.
  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let path = String(cString: value)
    return path.hasPrefix("/") ? path : nil
  }

  /// `mkdtemp(3)`, which gives the folder mode 0700; nil where it may not be made.
  private static func make(_ template: String) -> String? {
    var bytes = Array(template.utf8CString)
    guard mkdtemp(&bytes) != nil else { return nil }
    return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Bytes that this user may still write on the file system of a path; nil where that is unknown.
  static func freeBytes(_ path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
