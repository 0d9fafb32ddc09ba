import Glibc
import WorkspaceStore

/// The small files and the folders of a server.
enum ServerFile {
  /// Writes a file that is there in full or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(ServerFailure) {
    do {
      try DurableFile.replace(path, with: bytes)
    } catch {
      throw .cannotCreate(path: path, reason: error.reason)
    }
  }

  /// The bytes of a file of at most 64 kB; nil when there is none.
  static func read(_ path: String) throws(ServerFailure) -> [UInt8]? {
    do {
      return try DurableFile.read(path, bytesMax: 64 << 10)
    } catch {
      throw .store(StoreFailure(error))
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Nil where there is no file.
  static func byteCount(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Makes an empty file that only its owner may read, unless there is one.
  static func makePrivate(_ path: String) throws(ServerFailure) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .store(StoreFailure(system: path)) }
    fchmod(file, 0o600)
    close(file)
  }

  /// Makes a folder that only its owner may enter.
  static func makeFolder(_ path: String) throws(ServerFailure) {
    guard mkdir(path, 0o700) == 0 else {
      throw .cannotCreate(path: path, reason: systemReason())
    }
    try flushFolder(of: path)
  }

  /// Makes the folders that a file at `path`, an absolute one, is to stand in.
  static func makeFolders(_ path: String) throws(ServerFailure) {
    var prefix = ""
    for part in path.split(separator: "/").dropLast() {
      prefix += "/" + part
      if exists(prefix) { continue }
      do throws(ServerFailure) {
        try makeFolder(prefix)
      } catch {
        // Another process may have made it meanwhile.
        guard exists(prefix) else { throw error }
      }
    }
  }

  /// Makes the entry of `path` in its folder durable.
  static func flushFolder(of path: String) throws(ServerFailure) {
    do {
      try DurableFile.flushFolder(of: path)
    } catch {
      throw .cannotCreate(path: path, reason: error.reason)
    }
  }
}

/// The system's words for what just failed.
func systemReason() -> String { String(cString: strerror(errno)) }
