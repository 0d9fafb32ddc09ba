import FoundationEssentials
import Glibc
import MergeCore
import SyncProtocol
package import TransparencyLog
package import WorkspaceStore

/// A workspace's folder on the server.
///
///     log.sqlite   the log
///     log.skey     its secret key, as in C2SP signed-note; mode 0600
///     claim        the hash of the secret that publishes into the slot, hexadecimal
///     published    the workspace, once there is one, hexadecimal: an empty log is no empty slot then
///     claim.secret that secret, hexadecimal, while it is unspent; mode 0600
package struct WorkspaceFolder: Sendable {
  package let path: String
  package let name: String
  /// The log's origin in the sense of C2SP.
  package let origin: String
  /// The folder for what this machine knows of its logs.
  package let state: String

  /// Whether there is such a slot, whatever became of the files in it.
  package var exists: Bool { Self.isName(name) && ServerFile.isFolder(path) }

  /// The log that this machine signed under the slot's origin; nil where it has no record of one.
  ///
  /// Of several that which was signed furthest.
  package var signedLog: SignedLog? { signedLogs.last }

  private var signedLogs: [SignedLog] {
    StateFolder.signedLogs(in: state, under: origin).filter {
      Array($0.origin.utf8) == Array(origin.utf8)
    }
  }

  /// The key that the slot's log has to be signed by, as far as that is known without the log.
  ///
  /// What the machine signed under the slot's origin counts more than the key that lies in the folder,
  /// and that counts only where its name is the slot's origin.
  func expectedKey(_ held: VerifierKey?) -> VerifierKey? {
    let signed = signedLogs.map(\.key)
    if let held, signed.contains(held) { return held }
    if let key = signed.last { return key }
    return held.flatMap { Array($0.name.text.utf8) == Array(origin.utf8) ? $0 : nil }
  }

  /// Whether a text may name a workspace: `[a-z0-9][a-z0-9._-]{0,63}`, and not a workspace's id.
  package static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard let first = bytes.first, bytes.count <= ServerLimits.nameCharactersMax,
      isAlphanumeric(first)
    else { return false }
    let isPlain = bytes.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    return isPlain && Digest256(hex: text) == nil
  }

  /// Makes an empty slot with a fresh log key, and returns the secret that publishes into it, which
  /// ``ServerFolder/claimCode(of:)`` tells until it is spent.
  ///
  /// The folder appears whole or not at all, so that a serving process may look for it at any time.
  @discardableResult
  package func create() throws(ServerFailure) -> [UInt8] {
    guard Self.isName(name) else { throw .badName(name) }
    guard !exists else { throw .workspaceExists(name: name) }
    if let signedLog { throw .signedBefore([signedLog], path: path, isFolder: false) }
    guard let keyName = KeyName(origin),
      let signer = NoteSigner(name: keyName, seed: randomBytes(32))
    else { throw .badOrigin(origin) }
    let secret = randomBytes(32)
    let draft = WorkspaceFolder(
      path: "\(path.dropLast(name.count)).new-\(UUID().uuidString)", name: name, origin: origin,
      state: state)
    try ServerFile.makeFolder(draft.path)
    do throws(ServerFailure) {
      try draft.fill(signer, secret)
      guard rename(draft.path, path) == 0 else {
        if errno == ENOTEMPTY || errno == EEXIST {
          throw ServerFailure.workspaceExists(name: name)
        }
        throw ServerFailure.cannotCreate(path: path, reason: systemReason())
      }
    } catch {
      try? FileManager.default.removeItem(atPath: draft.path)
      throw error
    }
    try ServerFile.flushFolder(of: path)
    return secret
  }

  private func fill(_ signer: NoteSigner, _ secret: [UInt8]) throws(ServerFailure) {
    do { try openLog(signer.verifierKey).close() } catch { throw .store(StoreFailure(error)) }
    try ServerFile.write(Array((Self.claimHash(secret).hex + "\n").utf8), to: path + "/claim")
    try ServerFile.write(
      Array((hexText(secret) + "\n").utf8), to: path + "/" + BackupFile.secretName)
    try ServerFile.write(Array((signer.secretText + "\n").utf8), to: path + "/log.skey")
  }

  /// What the server keeps of a claim's secret.
  static func claimHash(_ secret: [UInt8]) -> Digest256 {
    DomainHash.digest("hashiya/v1/claim", secret)
  }

  /// Opens the log; one that is missing or empty is made, with its key, unless it is opened to be read
  /// alone: whoever looks makes nothing, or a lost log would look like an empty one.
  ///
  /// - Parameters:
  ///   - key: nil where the slot's secret key is missing, and the log alone may name it.
  ///   - mayCopy: for those who only read; whether one that cannot be written is read from a private
  ///     copy, as it is.
  package func openLog(
    _ key: VerifierKey?, mayCopy: Bool = false
  ) throws -> LogDatabase {
    if isLogLost {
      guard !mayCopy else {
        throw ServerFailure.logMissing(path: logPath, leftover: orphanedWAL)
      }
      guard key != nil else { throw ServerFailure.keyUnknown(path: path) }
      // Made here, and not by SQLite, so that only its owner may read it.
      try ServerFile.makePrivate(logPath)
    }
    let log = try LogDatabase(path: logPath, mayCopy: mayCopy) {
      ServerSchema.register(in: &$0)
    }
    guard let key, !mayCopy else { return log }
    do {
      if try log.read({ try LogReader(unverified: $0).logKey }) == nil {
        try log.write { db in
          var writer = try LogWriter(db)
          try writer.setLogKey(key)
        }
      }
    } catch {
      // A damaged file is found to be that by whoever reads on, and repaired by whoever opens it.
      guard case .corrupt = StoreFailure(error) else { throw StoreFailure(error) }
    }
    return log
  }

  /// The key that a log names; nil where it names none, or is damaged.
  func key(of log: LogDatabase) throws -> VerifierKey? {
    do {
      return try log.read { try LogReader(unverified: $0).logKey }
    } catch {
      guard case .corrupt = StoreFailure(error) else { throw StoreFailure(error) }
      return nil
    }
  }

  private var logPath: String { path + "/" + BackupFile.logName }

  /// Whether the log's file is missing, or has nothing in it.
  private var isLogLost: Bool { ServerFile.byteCount(logPath) ?? 0 == 0 }

  /// A WAL beside a log that is missing or empty: it may hold the newest leaves, and SQLite deletes it
  /// when it opens such a file.
  private var orphanedWAL: String? {
    let wal = logPath + "-wal"
    return isLogLost && ServerFile.byteCount(wal) ?? 0 > 0 ? wal : nil
  }

  /// Gives an orphaned WAL a name under which nothing touches it; returns that.
  func setOrphanedWALAside() throws(ServerFailure) -> String? {
    guard let orphanedWAL else { return nil }
    var number = 1
    var kept = orphanedWAL + ".orphaned"
    while ServerFile.exists(kept) {
      number += 1
      kept = "\(orphanedWAL).orphaned-\(number)"
    }
    guard rename(orphanedWAL, kept) == 0 else {
      throw .cannotCreate(path: kept, reason: systemReason())
    }
    try ServerFile.flushFolder(of: kept)
    return kept
  }

  /// Takes back ``setOrphanedWALAside()``, unless there is a log by now.
  func putBack(_ kept: String) {
    guard isLogLost else { return }
    rename(kept, logPath + "-wal")
  }

  /// Makes the folder of a slot that this machine signed a log of, and that is gone: its leaves come
  /// back from their holders once its key is back in it.
  func makeAnew() throws(ServerFailure) { try ServerFile.makeFolder(path) }
}

// MARK: - Its small files

extension WorkspaceFolder {
  /// The key that signs the log's checkpoints; nil where it is missing, or is no key.
  package func signer() throws(ServerFailure) -> NoteSigner? {
    try line(of: BackupFile.keyName).flatMap { try? NoteSigner(secretText: $0) }
  }

  /// The hash of the slot's claim.
  func claim() throws(ServerFailure) -> Digest256? {
    guard let text = try line(of: "claim") else { return nil }
    guard let hash = Digest256(hex: text) else {
      throw .damagedFile(path: path + "/claim", what: "it is no hash")
    }
    return hash
  }

  /// The workspace that was published into the slot; nil for an empty slot.
  func publishedWorkspace() throws(ServerFailure) -> Digest256? {
    guard let text = try line(of: "published") else { return nil }
    guard let workspace = Digest256(hex: text) else {
      throw .damagedFile(path: path + "/published", what: "it is no workspace")
    }
    return workspace
  }

  /// The secret that publishes into the slot; nil once it is spent.
  func claimSecret() throws(ServerFailure) -> [UInt8]? {
    try line(of: BackupFile.secretName).flatMap { Digest256(hex: $0)?.bytes }
  }

  /// Forgets the secret, which has been spent.
  func forgetClaimSecret() { unlink("\(path)/\(BackupFile.secretName)") }

  /// Remembers, beside the key, that the slot is not empty.
  func markPublished(_ workspace: Digest256) throws(ServerFailure) {
    try ServerFile.write(Array((workspace.hex + "\n").utf8), to: path + "/published")
  }

  private func line(of file: String) throws(ServerFailure) -> String? {
    guard var bytes = try ServerFile.read("\(path)/\(file)") else { return nil }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// Bytes from the system's generator, which is fit for keys.
func randomBytes(_ count: Int) -> [UInt8] {
  var generator = SystemRandomNumberGenerator()
  return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
