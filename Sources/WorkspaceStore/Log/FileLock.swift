import Glibc

/// An advisory lock on a file, between processes, by `flock(2)`.
///
/// Within a process its users take turns by themselves: one descriptor holds the lock once. The
/// kernel releases the lock when the process ends, however it ends.
package final class FileLock: Sendable {
  private let path: String
  private let descriptor: CInt

  /// Opens, or makes, the file at `path` with mode 0600.
  package init(path: String) throws(StoreFailure) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StoreFailure(FileFailure(.make, path)) }
  }

  /// Opens the file at `path` to share its lock alone, which needs no right to write; nil where there
  /// is none, or it may not be read.
  package init?(sharing path: String) throws(StoreFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == EACCES { return nil }
      throw StoreFailure(FileFailure(.read, path))
    }
  }

  deinit { close(descriptor) }

  /// Takes the lock and keeps it until the process ends; false when it is held until `patience` is
  /// over.
  package func keep(patience: Duration) throws(StoreFailure) -> Bool {
    try take(patience: patience)
  }

  /// Runs `body` while no other process holds the lock.
  ///
  /// Throws ``StoreFailure/busy(by:)`` when it is held until `patience` is over.
  package func whileLocked<Value>(
    patience: Duration, _ body: () throws -> Value
  ) throws -> Value {
    guard try take(patience: patience) else { throw StoreFailure.busy(by: holder) }
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  /// Runs `body` while nobody holds the lock alone; others may share it.
  ///
  /// Throws ``StoreFailure/busy(by:)`` when it is held until `patience` is over. A file system that
  /// knows no locks, or none without the right to write, is read as it is.
  package func whileShared<Value>(
    patience: Duration, _ body: () throws -> Value
  ) throws -> Value {
    let isShared: Bool
    do {
      isShared = try take(LOCK_SH, patience: patience)
    } catch StoreFailure.inputOutput {
      return try body()
    }
    guard isShared else { throw StoreFailure.busy(by: holder) }
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  /// Takes the lock if nobody has it; whether this one has it now.
  func isTaken() throws(StoreFailure) -> Bool { try attempt(LOCK_EX) }

  /// Gives the lock up.
  func release() { flock(descriptor, LOCK_UN) }

  /// Who holds the lock, as far as the system tells.
  var holder: LockHolder? { LockHolder(ofLockOn: descriptor) }

  /// Whether somebody holds the lock now.
  ///
  /// Looks by sharing it for a moment, so that those who look are not taken for holders; who wants
  /// it meanwhile needs a little patience.
  package func isHeld() throws(StoreFailure) -> Bool {
    guard try attempt(LOCK_SH) else { return true }
    flock(descriptor, LOCK_UN)
    return false
  }

  /// Asks again and again, a little less often each time, because a `flock` that waits cannot be
  /// given an end without signals.
  private func take(
    _ kind: CInt = LOCK_EX, patience: Duration
  ) throws(StoreFailure) -> Bool {
    let end = ContinuousClock.now + patience
    var pause: UInt32 = 250
    while try !attempt(kind) {
      guard ContinuousClock.now < end else { return false }
      usleep(pause)
      pause = min(pause * 2, 16_000)
    }
    return true
  }

  private func attempt(_ kind: CInt) throws(StoreFailure) -> Bool {
    while flock(descriptor, kind | LOCK_NB) != 0 {
      switch errno {
      case EWOULDBLOCK: return false
      case EINTR: continue
      default: throw .inputOutput("cannot lock \(path): \(String(cString: strerror(errno)))")
      }
    }
    return true
  }
}
