import MergeCore
import SyncProtocol
import Synchronization
import TransparencyLog
import WorkspaceStore

// How the log is written to: never before it is known to be the one that was written to last, and
// with the machine's record always ahead of what anybody is shown.

extension HostedWorkspace {
  /// Runs `body` as one durable transaction in which the log may grow.
  ///
  /// Throws ``Problem/logBehind(_:)`` when something has to happen first, and when the file was taken
  /// away meanwhile, so that what was written is gone.
  func grow<Value>(_ body: (LogWriter) throws -> Value) throws -> Value {
    guard isInPlace else {
      throw Problem.logBehind(LogBehind(need: .fileReplaced, sizes: nil))
    }
    var stored: [UInt8]?
    let value = try log.write { db in
      let writer = try LogWriter(db)
      if let need = try recoveryNeed(writer.reader) { throw behind(need, writer.reader) }
      let value = try body(writer)
      stored = try claimLog(writer)
      return value
    }
    try finishWrite(stored)
    return value
  }

  /// Rotates the nonce when this process writes for the first time; returns the one that the
  /// transaction stores.
  func claimLog(_ writer: LogWriter) throws -> [UInt8]? {
    guard !hasWritten else { return nil }
    let next = randomBytes(16)
    let current = try writer.reader.servedNonce() ?? next
    var record = try signingRecord() ?? SigningRecord(current: "", next: "")
    (record.current, record.next) = (hexText(current), hexText(next))
    try write(record)
    try writer.setServedNonce(next)
    return next
  }

  /// What follows a committed transaction: the file must still be there, and the nonce before the one
  /// that it stored is forgotten.
  func finishWrite(_ stored: [UInt8]?) throws {
    guard isInPlace else {
      throw Problem.logBehind(LogBehind(need: .fileReplaced, sizes: nil))
    }
    guard let stored else { return }
    noteWritten()
    settle(stored)
  }

  /// Forgets the nonce before `nonce`, unless another process has rotated since.
  ///
  /// That cannot fail what is committed already: where it does not succeed the record goes on holding
  /// both nonces, of which the log's file has one (ruling 15).
  private func settle(_ nonce: [UInt8]) {
    do {
      try log.exclusively {
        guard var record = try signingRecord(),
          Array(record.next.utf8) == Array(hexText(nonce).utf8)
        else { return }
        record.current = record.next
        try write(record, isFlushed: false)
      }
    } catch {}
  }

  /// Makes the largest of these prefixes durable outside of the data folder, within the transaction
  /// that stores the notes over them.
  func record(signing prefixes: [SignedPrefix], _ reader: LogReader) throws {
    guard let last = prefixes.max(by: { $0.size < $1.size }) else { return }
    if let workspace = reader.workspace, try folder.publishedWorkspace() == nil {
      try folder.markPublished(workspace)
    }
    var record = try signingRecord() ?? SigningRecord(current: "", next: "")
    guard record.signed.map({ $0.size < last.size }) ?? true else { return }
    record.signed = SigningRecord.Head(last)
    record.workspace = reader.workspace?.hex
    try write(record)
  }

  /// The machine's record of this log; what this process wrote last where somebody took it away.
  func signingRecord() throws -> SigningRecord? {
    let stored = try recordFile.read()
    return serving.withLock { $0.adopt(stored) }
  }

  /// Replaces the machine's record.
  func write(_ record: SigningRecord, isFlushed: Bool = true) throws {
    var record = record
    record.key = logKey.text
    try recordFile.write(record, isFlushed: isFlushed)
    serving.withLock { $0.record = record }
  }

  /// Whether this process has written to the log.
  var hasWritten: Bool { serving.withLock { $0.hasWritten } }

  private func noteWritten() { serving.withLock { $0.hasWritten = true } }

  /// What this process knows of its own writing.
  struct Serving: Sendable {
    var hasWritten = false
    var record: SigningRecord?
    /// The bytes that are staged, as far as this process knows.
    var staged: StagedBytes?
    /// Held while this process serves the log.
    var lock: FileLock?

    /// What is stored, or else what was when this process last wrote.
    mutating func adopt(_ stored: SigningRecord?) -> SigningRecord? {
      guard hasWritten, stored == nil else { return stored }
      return record
    }
  }
}

/// How many bytes are staged, as long as no other process has written since.
struct StagedBytes: Sendable {
  /// SQLite's number of what others have written.
  var version: Int
  var count: Int
}
