import FoundationEssentials
import Glibc

/// What stands at a path.
struct FileStatus {
  let exists: Bool
  let isFile: Bool

  init(_ path: String) {
    var isDirectory = false
    exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    isFile = exists && !isDirectory
  }
}

/// Makes a folder that only its owner may enter; its parent is there.
func makeDirectory(_ path: String) throws(StoreFailure) {
  guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
    throw .inputOutput("cannot make \(path): \(String(cString: strerror(errno)))")
  }
}

/// Removes what a failed start left, and nothing else.
func removeStoreFiles(in directory: String, withFolder: Bool) {
  for suffix in ["", "-wal", "-shm", ".lock"] { unlink(directory + "/store.sqlite" + suffix) }
  if withFolder { rmdir(directory) }
}
