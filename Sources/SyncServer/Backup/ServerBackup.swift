import Crypto
import FoundationEssentials
import Glibc
import MergeCore
import WorkspaceStore

extension ServerFolder {
  /// What a backup holds.
  package struct BackupSummary: Sendable {
    /// The workspaces, ascending by name, each with the leaves of its log, which has no fewer here.
    package var workspaces: [(name: String, size: UInt64)] = []
    /// The workspaces whose logs could not be read, and why: the archive has the rest of their folders.
    package var lacking: [(name: String, failure: ServerFailure)] = []
    package var bytes = 0
  }

  /// Writes everything that the server needs into one archive, also while it serves.
  ///
  /// Each log is copied by SQLite's online backup, which waits for no writer: the copy is the log at
  /// one moment. A log that cannot be read is left out, and named in ``BackupSummary/lacking``. Cost:
  /// the size of the logs, twice on the disk until it is done. The archive appears whole or not at all.
  ///
  /// - Parameter withKeys: whether the secret keys and unspent claims are in it; without them it can be
  ///   kept where others may read, and restored once the keys are put back.
  package func backUp(to file: String, withKeys: Bool) throws -> BackupSummary {
    guard !ServerFile.exists(file) else {
      throw ServerFailure.cannotCreate(path: file, reason: "it is there already")
    }
    let draft = file + ".\(getpid()).new"
    do {
      let summary = try write(to: draft, withKeys: withKeys)
      do throws(FileFailure) {
        try DurableFile.name(draft, as: file)
      } catch {
        throw ServerFailure.cannotCreate(path: file, reason: error.reason)
      }
      return summary
    } catch {
      unlink(draft)
      throw error
    }
  }

  private func write(to draft: String, withKeys: Bool) throws -> BackupSummary {
    var archive = try BackupWriter(OutgoingFile(making: draft))
    try archive.append(.configuration, bytes: ServerFile.read(path + "/server.json") ?? [])
    var summary = BackupSummary()
    for name in try workspaceNames() {
      let folder = workspace(name)
      for file in BackupFile.smallFiles where withKeys || !BackupFile.secrets.contains(file) {
        guard let bytes = try ServerFile.read("\(folder.path)/\(file)") else { continue }
        try archive.append(.workspace(name: name, file: file), bytes: bytes)
      }
      let copy = draft + ".log"
      defer { for suffix in ["", "-journal", "-wal", "-shm"] { unlink(copy + suffix) } }
      let size: UInt64
      do {
        size = try Self.copyLog(of: folder, to: copy)
      } catch StoreFailure.diskFull {
        // That is the backup's own, and no fault of this log's.
        throw StoreFailure.diskFull
      } catch {
        summary.lacking.append((name, ServerFailure(error)))
        continue
      }
      try archive.append(.workspace(name: name, file: BackupFile.logName), fileAt: copy)
      summary.workspaces.append((name, size))
    }
    summary.bytes = try archive.finish()
    return summary
  }

  /// Copies the log of a slot, and returns how many leaves the copy has at least.
  private static func copyLog(of folder: WorkspaceFolder, to copy: String) throws -> UInt64 {
    let log = try HostedWorkspace(opening: folder, mayCopy: true).log
    do {
      let size = try log.read { try LogReader(unverified: $0).treeSize }
      try log.copy(to: copy)
      return size
    } catch {
      throw StoreFailure(error)
    }
  }
}

/// An archive being written, with the sums of what is in it.
private struct BackupWriter: ~Copyable {
  private let file: OutgoingFile
  private var sums = ""
  private var byteCount = 0

  init(_ file: consuming OutgoingFile) { self.file = file }

  mutating func append(_ entry: BackupFile, bytes: [UInt8]) throws(ServerFailure) {
    try begin(entry.name, size: bytes.count)
    try write(bytes)
    try end(entry.name, size: bytes.count, digest: SHA256.hash(data: bytes))
  }

  mutating func append(_ entry: BackupFile, fileAt path: String) throws(ServerFailure) {
    let source = try IncomingFile(opening: path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw .cannotRead(path: path, reason: systemReason())
    }
    let size = Int(status.st_size)
    try begin(entry.name, size: size)
    var hash = SHA256()
    var left = size
    while left > 0 {
      let piece = try source.read(min(left, TarArchive.pieceBytes))
      guard !piece.isEmpty else { throw .cannotRead(path: path, reason: "it ends too early") }
      hash.update(data: piece)
      try write(piece)
      left -= piece.count
    }
    try end(entry.name, size: size, digest: hash.finalize())
  }

  /// Ends the archive, makes it durable, and returns its size in bytes.
  mutating func finish() throws(ServerFailure) -> Int {
    let bytes = Array(sums.utf8)
    try begin(TarArchive.sumsName, size: bytes.count)
    try write(bytes)
    try end(TarArchive.sumsName, size: bytes.count, digest: nil)
    try write([UInt8](repeating: 0, count: 2 * TarArchive.blockBytes))
    try file.flush()
    return byteCount
  }

  private mutating func begin(_ name: String, size: Int) throws(ServerFailure) {
    try write(TarArchive.header(name: name, mode: 0o600, size: size))
  }

  private mutating func end(_ name: String, size: Int, digest: SHA256Digest?)
    throws(ServerFailure)
  {
    let rest = size % TarArchive.blockBytes
    if rest > 0 { try write([UInt8](repeating: 0, count: TarArchive.blockBytes - rest)) }
    if let digest { sums += "\(hexText(Array(digest)))  \(name)\n" }
  }

  private mutating func write(_ bytes: [UInt8]) throws(ServerFailure) {
    try file.write(bytes)
    byteCount += bytes.count
  }
}
