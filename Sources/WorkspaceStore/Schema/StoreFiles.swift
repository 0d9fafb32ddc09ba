import Glibc

/// What stands at a path.
struct FileStatus {
  let exists: Bool
  let isFile: Bool
  /// Whether this user may not even look: something may be there.
  let isHidden: Bool

  init(_ path: String) {
    var status = stat()
    exists = stat(path, &status) == 0
    isHidden = !exists && errno == EACCES
    isFile = exists && status.st_mode & S_IFMT != S_IFDIR
  }
}

/// Makes a folder that only its owner may enter, and whose parent is there; false when it is there.
func makeDirectory(_ path: String) throws(StoreFailure) -> Bool {
  if mkdir(path, 0o700) == 0 { return true }
  guard errno == EEXIST else { throw StoreFailure(system: path) }
  return false
}

/// Makes a store's empty file, which only its owner may read; false when it is there.
///
/// - Parameter name: what to call it in failures, where it is a draft of that.
func makeFile(_ path: String, for name: String? = nil) throws(StoreFailure) -> Bool {
  let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else {
    if errno == EEXIST { return false }
    throw StoreFailure(system: name ?? path)
  }
  close(descriptor)
  return true
}

/// Removes what a start of this process made and could not finish.
///
/// The database goes last: as long as it is there, nobody else begins a store in the folder.
func removeStoreFiles(in directory: String, withFolder: Bool) {
  unlink(directory + "/sync.lock")
  for suffix in ["-journal", "-wal", "-shm", ".lock", ""] {
    unlink(directory + "/store.sqlite" + suffix)
  }
  if withFolder { rmdir(directory) }
}
