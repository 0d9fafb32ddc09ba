import Glibc

/// An advisory lock on a file, between processes, by `flock(2)`.
///
/// Within a process its users take turns by themselves: writes go through one serial queue. The
/// kernel releases the lock when the process ends, however it ends.
package final class FileLock: Sendable {
  private let descriptor: CInt

  /// Opens, or makes, the file at `path` with mode 0600.
  package init(path: String) throws(StoreFailure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .inputOutput("cannot open \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// Takes the lock without waiting, and keeps it until the process ends; false when it is held.
  package func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  /// Runs `body` while no other process holds the lock; waits for it.
  package func whileLocked<Value>(_ body: () throws -> Value) throws -> Value {
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw StoreFailure.inputOutput("cannot lock: \(String(cString: strerror(errno)))")
      }
    }
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }
}
