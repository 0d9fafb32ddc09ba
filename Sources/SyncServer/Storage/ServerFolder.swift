import FoundationEssentials
import Glibc
package import SyncProtocol
import TransparencyLog
package import WorkspaceStore

/// A server's data folder.
///
///     server.json            {"origin","url"}
///     serving.lock           held by the process that serves
///     clock.json             what the machine's clocks said last, for ``ServerClock``
///     workspaces/NAME/       a ``WorkspaceFolder``
package struct ServerFolder: Sendable {
  /// Without a slash at its end.
  package let path: String
  /// The name that all logs of this server begin with.
  package let origin: String
  /// The address that codes carry, without a slash at its end.
  package let url: String
  /// The folder outside of it for what this machine knows of the logs, an absolute path.
  package let state: String

  /// The clock that the server's leaves are dated by.
  package let clock: ServerClock

  private struct Configuration: Codable {
    var origin: String
    var url: String
  }

  /// Makes a folder at `path`, which does not exist, is empty, or is a server's that lost its
  /// `server.json`.
  ///
  /// Throws ``ServerFailure/signedBefore(_:path:isFolder:)`` where this machine signed logs under that origin and
  /// the folder does not have them: then a server's folder is elsewhere or lost, and an empty one in its
  /// place would send its members away.
  ///
  /// - Parameter isAnother: whether it is made all the same.
  package static func create(
    at path: String, origin: String, url: String, state: String, isAnother: Bool = false
  ) throws(ServerFailure) -> ServerFolder {
    let path = withoutSlash(path)
    guard KeyName("\(origin)/x") != nil, !origin.isEmpty, origin.utf8.count <= 256 else {
      throw .badOrigin(origin)
    }
    let url = withoutSlash(url)
    guard isWebAddress(url) else { throw .badURL(url) }
    guard !ServerFile.exists(path + "/server.json") else { throw .alreadyInitialized(path: path) }
    let lost = try ServerFolder(path: path, origin: origin, url: url, state: state).lostLogs
    guard lost.isEmpty || isAnother else { throw .signedBefore(lost, path: path, isFolder: true) }
    if !ServerFile.exists(path) { try ServerFile.makeFolder(path) }
    if !ServerFile.exists(path + "/workspaces") {
      try ServerFile.makeFolder(path + "/workspaces")
    }
    try ServerFile.write(
      jsonBytes(Configuration(origin: origin, url: url)), to: path + "/server.json")
    return try ServerFolder(path: path, origin: origin, url: url, state: state)
  }

  /// Opens the folder at `path`.
  ///
  /// - Parameter state: the folder for what this machine knows of the logs, outside of this one; it
  ///   need not be there yet.
  package init(opening path: String, state: String) throws(ServerFailure) {
    let path = Self.withoutSlash(path)
    guard let bytes = try ServerFile.read(path + "/server.json") else {
      throw .notInitialized(
        path: path, signed: StateFolder.signedLogs(in: Self.absolute(Self.withoutSlash(state))),
        hasWorkspaces: ServerFile.isFolder(path + "/workspaces"))
    }
    guard let stored = try? JSONDecoder().decode(Configuration.self, from: Data(bytes)) else {
      throw .damagedFile(path: path + "/server.json", what: "it is not what init wrote")
    }
    try self.init(path: path, origin: stored.origin, url: stored.url, state: state)
  }

  private init(path: String, origin: String, url: String, state: String) throws(ServerFailure) {
    self.path = path
    self.origin = origin
    self.url = url
    clock = ServerClock(folder: path)
    self.state = Self.absolute(Self.withoutSlash(state))
    let data = Self.resolved(Self.absolute(path)) + "/"
    // What is restored with the data knows no more than the data.
    guard !(Self.resolved(self.state) + "/").utf8.starts(with: data.utf8) else {
      throw .stateWithinData(path: state)
    }
  }

  /// A path without links, `.` and `..`, as far as it is there.
  private static func resolved(_ path: String) -> String {
    var rest: [Substring] = []
    var parts = path.split(separator: "/")
    while true {
      let known = "/" + parts.joined(separator: "/")
      if let real = realpath(known, nil) {
        defer { free(real) }
        let base = String(cString: real)
        return rest.reduce(base == "/" ? "" : base) { whole, part in
          switch part {
          case ".": whole
          case "..": whole.lastIndex(of: "/").map { String(whole[..<$0]) } ?? ""
          default: whole + "/" + part
          }
        }
      }
      guard let last = parts.popLast() else { return path }
      rest.insert(last, at: 0)
    }
  }

  /// The logs under this server's origin that this machine signed, and of which the folder has no slot.
  package var lostLogs: [SignedLog] {
    StateFolder.signedLogs(in: state, under: origin + "/").filter { log in
      let name = String(log.origin.dropFirst(origin.count + 1))
      return WorkspaceFolder.isName(name) && !workspace(name).exists
    }
  }

  /// The slot of a log under this server's origin.
  package func slotName(of log: SignedLog) -> String {
    String(log.origin.dropFirst(origin.count + 1))
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// The workspaces' names, ascending.
  package func workspaceNames() throws(ServerFailure) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path + "/workspaces")
        .filter { WorkspaceFolder.isName($0) && workspace($0).exists }.sorted()
    } catch {
      let isReadable = access(path + "/workspaces", R_OK | X_OK) == 0
      let reason = isReadable ? "\(error)" : systemReason()
      throw .store(.inputOutput("cannot list \(path)/workspaces: \(reason)"))
    }
  }

  /// The folder of a workspace, whether it is there or not.
  package func workspace(_ name: String) -> WorkspaceFolder {
    WorkspaceFolder(
      path: "\(path)/workspaces/\(name)", name: name, origin: "\(origin)/\(name)", state: state)
  }

  /// The code that publishes into an empty slot.
  ///
  /// Throws ``ServerFailure/claimSpent(name:)`` once something was published with it.
  package func claimCode(of name: String) throws(ServerFailure) -> ShareCode {
    let folder = workspace(name)
    let hosted = try HostedWorkspace(opening: folder, mayCopy: true)
    let isSpent: Bool
    do { isSpent = try hosted.workspaceID() != nil } catch { throw .store(error) }
    if isSpent { folder.forgetClaimSecret() }
    guard !isSpent, let secret = try folder.claimSecret() else { throw .claimSpent(name: name) }
    return ShareCode(
      purpose: .claim, url: url, slot: name, logKey: hosted.logKey.text, secret: secret,
      workspace: nil)
  }

  /// Takes the lock that only one serving process can have.
  ///
  /// It is held for as long as the returned value lives.
  package func lockForServing() throws(ServerFailure) -> FileLock {
    let lock: FileLock
    let isTaken: Bool
    do throws(StoreFailure) {
      lock = try servingLock()
      // Those who only ask whether it is held have it for a moment.
      isTaken = try lock.keep(patience: .seconds(1))
    } catch {
      throw .store(error)
    }
    guard isTaken else { throw .folderInUse(path: path) }
    return lock
  }

  /// Whether a process serves the folder now; nil where this user may not see it.
  ///
  /// Writes nothing.
  package func isServed() throws(ServerFailure) -> Bool? {
    do throws(StoreFailure) {
      if let lock = try FileLock(sharing: lockPath) { return try lock.isHeld() }
    } catch {
      throw .store(error)
    }
    return ServerFile.exists(lockPath) ? nil : false
  }

  private var lockPath: String { path + "/serving.lock" }

  private func servingLock() throws(StoreFailure) -> FileLock {
    try FileLock(path: lockPath)
  }

  static func withoutSlash(_ text: String) -> String {
    text.count > 1 && text.hasSuffix("/") ? withoutSlash(String(text.dropLast())) : text
  }

  private static func isWebAddress(_ text: String) -> Bool {
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return false }
    return text.utf8.count > scheme.utf8.count && text.utf8.count <= 1024
      && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
  }
}

/// JSON with sorted keys and plain slashes, ended by a line feed.
func jsonBytes(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  guard let bytes = try? encoder.encode(value) else {
    preconditionFailure("numbers and strings always encode")
  }
  return [UInt8](bytes) + [UInt8(ascii: "\n")]
}
