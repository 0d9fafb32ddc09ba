import FoundationEssentials
import Glibc

// Why a file cannot be written, told apart for people: its file system is read-only, it is somebody
// else's, or the disk is full.

extension StoreFailure {
  /// What keeps this process from writing a file and beside it; nil when nothing does, as far as the
  /// system says beforehand.
  ///
  /// A full disk is not seen here: it shows when something is written.
  static func obstacle(toWriting path: String) -> StoreFailure? {
    for path in [folder(of: path), path] where access(path, W_OK) != 0 {
      switch errno {
      case EROFS: return .readOnly(path: path)
      case EACCES, EPERM: return notYours(path)
      default: continue
      }
    }
    return nil
  }

  /// The failure of a system call on a path, by the system's number for what is wrong; nil for one
  /// that is neither a full disk, nor a read-only file system, nor a missing right.
  init?(number: CInt, path: String) {
    switch number {
    case ENOSPC, EDQUOT: self = .diskFull
    case EROFS: self = .readOnly(path: path)
    case EACCES, EPERM: self = Self.notYours(path)
    default: return nil
    }
  }

  /// The same failure, with its cause where SQLite said no more than that input or output failed.
  func explained(at path: String) -> StoreFailure {
    guard case .inputOutput = self else { return self }
    if let obstacle = Self.obstacle(toWriting: path) { return obstacle }
    // Less than SQLite's smallest step in its files.
    return PrivateFolder.freeBytes(path).map { $0 < 64 << 10 } == true ? .diskFull : self
  }

  /// What is wrong with a file that is not this user's, with its owner's name.
  static func notYours(_ path: String) -> StoreFailure {
    .notYours(path: path, owner: ownerName(path), canRead: access(path, R_OK) == 0)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The name of a file's owner, or of the nearest folder's above it that may be looked at.
  private static func ownerName(_ path: String) -> String {
    var path = path
    while true {
      if let attributes = try? FileManager.default.attributesOfItem(atPath: path) {
        return attributes[.ownerAccountName] as? String ?? "somebody else"
      }
      let above = folder(of: path)
      guard above != path else { return "somebody else" }
      path = above
    }
  }
}
