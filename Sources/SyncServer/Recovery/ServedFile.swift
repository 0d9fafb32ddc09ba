import SyncProtocol
import Synchronization
import WorkspaceStore

// Which file a serving process has open: what is written into one that was removed or replaced is gone
// when that process ends, and other processes, which open what is there now, would not know.

extension HostedWorkspace {
  /// Tells the operator's commands which file this process serves, until it ends.
  ///
  /// Where that cannot be written, they know no more than what they see.
  func beServed() {
    guard let file = log.openedFile else { return }
    do {
      try ServerFile.makeFolders(recordFile.servedPath)
      // Written before the lock is held: whoever looked in between would take what the last process
      // served for what this one serves. No other serves the folder.
      try ServerFile.write(Array((file.text + "\n").utf8), to: recordFile.servedPath)
      let lock = try FileLock(path: recordFile.servedPath + ".lock")
      // Those who only ask whether it is held have it for a moment.
      guard try lock.keep(patience: .seconds(1)) else { return }
      serving.withLock { $0.lock = lock }
    } catch {}
  }

  /// Whether the log's file is the one that is written to, by this process and by the one that serves.
  var isInPlace: Bool {
    guard log.isInPlace else { return false }
    if serving.withLock({ $0.lock != nil }) { return true }
    return !isServedElsewhere
  }

  /// Whether a process serves another file than the one that is open here.
  private var isServedElsewhere: Bool {
    guard let file = log.openedFile, var bytes = try? ServerFile.read(recordFile.servedPath) else {
      return false
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    guard bytes != Array(file.text.utf8) else { return false }
    // What a process that has ended served says nothing.
    let lock = try? FileLock(sharing: recordFile.servedPath + ".lock")
    return (try? lock?.isHeld()) ?? false
  }

  /// Runs `body` as one durable transaction on the file that is served.
  ///
  /// Throws ``Problem/logBehind(_:)`` where that is no longer in place, before or after: then what was
  /// written is gone.
  func writeInPlace<Value>(_ body: (LogReader) throws -> Value) throws -> Value {
    let replaced = Problem.logBehind(LogBehind(need: .fileReplaced, sizes: nil))
    guard isInPlace else { throw replaced }
    let value = try log.write { try body(LogReader(unverified: $0)) }
    guard isInPlace else { throw replaced }
    return value
  }
}
