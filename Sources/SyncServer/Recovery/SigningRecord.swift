import FoundationEssentials
import Glibc
import MergeCore
import SyncProtocol
package import TransparencyLog
import WorkspaceStore

/// What this machine knows of a log that it signs, whatever becomes of the data folder.
///
/// A small JSON file a log key in the state folder. It is written after leaves are committed and before
/// any note over them leaves the process, so that it is never smaller than what anybody was shown.
struct SigningRecord: Codable, Equatable, Sendable {
  /// A committed prefix of a log.
  struct Head: Codable, Equatable, Sendable {
    var size: UInt64
    /// Base64.
    var root: String
  }

  /// The nonces of which the log's file holds one, hexadecimal.
  ///
  /// `next` is written here before the transaction that stores it there (ruling 15).
  var current: String
  var next: String
  /// The log's key, whose name is the log's origin; nil before a process wrote.
  var key: String?
  /// Hexadecimal; nil before anything was published.
  var workspace: String?
  /// The largest size that this machine has signed, or was about to; nil before the first.
  var signed: Head?
  /// The head that the operator decided to heal to, on the word of whoever showed it.
  var awaited: Head?
  /// Whether the operator said that the key was stolen: larger notes stop the log no more.
  var isKeyStolen = false

  enum CodingKeys: String, CodingKey {
    case current, next, key, workspace, signed, awaited
    case isKeyStolen = "key_stolen"
  }

  /// Whether the log's file may hold this nonce.
  func holds(_ nonce: [UInt8]?) -> Bool {
    guard let nonce else { return false }
    let text = hexText(nonce)
    return [current, next].contains { Array($0.utf8) == Array(text.utf8) }
  }
}

extension SigningRecord.Head {
  init(_ prefix: HostedWorkspace.SignedPrefix) {
    self.init(size: prefix.size, root: Base64.encode(prefix.root.bytes))
  }

  /// Nil when the root is none.
  var prefix: HostedWorkspace.SignedPrefix? {
    Base64.decode(root).flatMap { Digest256($0) }.map { .init(size: size, root: $0) }
  }
}

/// The file of one log.
struct SigningRecordFile: Sendable {
  let path: String

  /// Says which file the serving process has open, while it holds the lock beside it.
  var servedPath: String { String(path.dropLast(5)) + ".served" }

  /// - Parameter directory: the state folder, which need not be there yet.
  init(directory: String, logKey: VerifierKey) {
    path = directory + "/" + DomainHash.plain(Array(logKey.text.utf8)).hex + ".json"
  }

  /// The record; nil where this machine has none, or one that is damaged.
  func read() throws(ServerFailure) -> SigningRecord? {
    try ServerFile.read(path).flatMap(Self.record)
  }

  /// Whether there is a file that is no record: a log that may have lost leaves does not go on as if
  /// there were none.
  func isDamaged() throws(ServerFailure) -> Bool {
    guard let bytes = try ServerFile.read(path) else { return false }
    return Self.record(bytes) == nil
  }

  fileprivate static func record(_ bytes: [UInt8]) -> SigningRecord? {
    guard let record = try? JSONDecoder().decode(SigningRecord.self, from: Data(bytes)),
      [record.signed, record.awaited].allSatisfy({ $0 == nil || $0?.prefix != nil })
    else { return nil }
    return record
  }

  /// Replaces the file, durably unless the earlier contents would do as well after a power cut; one
  /// that is damaged is kept beside it.
  func write(_ record: SigningRecord, isFlushed: Bool = true) throws(ServerFailure) {
    try ServerFile.makeFolders(path)
    if try isDamaged() { rename(path, path + ".damaged") }
    do {
      try DurableFile.replace(path, with: jsonBytes(record), isFlushed: isFlushed)
    } catch {
      throw .store(StoreFailure(error))
    }
  }
}

/// A log that this machine signed.
package struct SignedLog: Hashable, Sendable {
  /// The key that it is signed by.
  package var key: VerifierKey
  /// The largest size that was signed.
  package var size: UInt64

  /// The log's origin, which its key bears as its name.
  package var origin: String { key.name.text }

  fileprivate func precedes(_ other: SignedLog) -> Bool {
    let (own, others) = (Array(origin.utf8), Array(other.origin.utf8))
    guard own == others else { return own.lexicographicallyPrecedes(others) }
    guard size == other.size else { return size < other.size }
    return Array(key.text.utf8).lexicographicallyPrecedes(Array(other.key.text.utf8))
  }
}

/// The folder for what this machine knows of the logs that it signs.
package enum StateFolder {
  /// The logs that a state folder has a record of, by origin, then size, then key; those whose origin
  /// begins with `prefix` where one is given.
  ///
  /// Records that cannot be read say nothing here: whoever opens their logs finds them.
  package static func signedLogs(in folder: String, under prefix: String = "") -> [SignedLog] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name -> SignedLog? in
      guard let bytes = try? ServerFile.read(folder + "/" + name),
        let record = SigningRecordFile.record(bytes), let signed = record.signed,
        let key = record.key.flatMap({ try? VerifierKey($0) }),
        key.name.text.utf8.starts(with: prefix.utf8)
      else { return nil }
      return SignedLog(key: key, size: signed.size)
    }
    .sorted { $0.precedes($1) }
  }

  /// `$STATE_DIRECTORY`, as systemd sets it; else `$XDG_STATE_HOME/hashiya-server`; else
  /// `~/.local/state/hashiya-server` (XDG Base Directory Specification).
  package static func standard(_ variable: (String) -> String?) -> String {
    // systemd separates several folders by colons.
    if let first = variable("STATE_DIRECTORY")?.split(separator: ":").first,
      first.hasPrefix("/")
    {
      return String(first)
    }
    if let base = variable("XDG_STATE_HOME"), base.hasPrefix("/") {
      return base + "/hashiya-server"
    }
    guard let home = variable("HOME") else { return "/var/lib/hashiya-server" }
    return home + "/.local/state/hashiya-server"
  }
}
