import CommandLineKit
import Glibc
import WorkspaceStore

/// Where the store is.
enum StoreLocation {
  /// The variable that names the store when no option does.
  static let variable = "HASHIYA_STORE"

  /// The `.hashiya` folder that the options, the environment or the current folder mean.
  static func find(_ options: StoreOptions) throws(CommandFailure) -> String {
    if let named = options.store ?? Environment.nonEmpty(variable) {
      try checkName(named)
      return folder(named)
    }
    let current = try currentFolder()
    var folder = current
    while true {
      let candidate = folder + (folder.hasSuffix("/") ? "" : "/") + Workspace.folderName
      if isFolder(candidate) { return candidate }
      guard let slash = folder.lastIndex(of: "/"), folder != "/" else { break }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
    throw CommandFailure(
      .noInput, "there is no store in \(current) or above it",
      remedy: "make one with hashiya init or hashiya join, or name one with --store DIR")
  }

  /// Where `init` and `join` make a store: in a folder that is made with its parents where missing.
  static func new(in dir: String, _ options: StoreOptions) throws(CommandFailure) -> String {
    let named = options.store ?? dir
    try checkName(named)
    if !named.hasPrefix("/") { _ = try currentFolder() }
    guard !isStoreName(named) else {
      try makeFolder(parent(of: named))
      return named
    }
    try makeFolder(named)
    return join(named)
  }

  /// Makes a store; on a full disk there is none to read yet, nor anything to carry elsewhere.
  static func making<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch StoreFailure.diskFull {
      throw CommandFailure(
        .ioError, "the disk is full: no store was made",
        remedy: "free some space, and type the same again")
    }
  }

  /// A store's folder is named in UTF-8, as SQLite has all names of files.
  private static func checkName(_ path: String) throws(CommandFailure) {
    guard !RawArguments.isDamaged(path) else {
      throw CommandFailure(
        .badData, "the folder's name \(path) is not UTF-8, so no store can be in it",
        remedy: "rename the folder, or choose another")
    }
  }

  private static func parent(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
    return (path.hasPrefix("/") ? "/" : "./") + parts.joined(separator: "/")
  }

  /// Makes a folder and those above it where they are missing.
  private static func makeFolder(_ path: String) throws(CommandFailure) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part + "/"
      guard mkdir(made, 0o777) != 0, errno != EEXIST else { continue }
      let reason = String(cString: strerror(errno))
      if isFolder(made) { continue }
      throw CommandFailure(.cannotCreate, "cannot make the folder \(made): \(reason)")
    }
    guard isFolder(path) else {
      throw CommandFailure(.cannotCreate, "\(path) is there and is no folder")
    }
  }

  /// The `.hashiya` folder that a name means: itself, or the one in it.
  private static func folder(_ named: String) -> String {
    if isStoreName(named) || exists(named + "/store.sqlite") { return named }
    return join(named)
  }

  private static func isStoreName(_ path: String) -> Bool {
    let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
    return trimmed == Workspace.folderName || trimmed.hasSuffix("/" + Workspace.folderName)
  }

  private static func join(_ path: String) -> String {
    path.hasSuffix("/") ? path + Workspace.folderName : path + "/" + Workspace.folderName
  }

  private static func currentFolder() throws(CommandFailure) -> String {
    guard let bytes = getcwd(nil, 0) else {
      throw CommandFailure(.noInput, "the current folder does not exist any more")
    }
    defer { free(bytes) }
    guard let folder = String(validatingCString: bytes) else {
      throw CommandFailure(
        .badData, "the current folder's name is not UTF-8, so no store can be in it",
        remedy: "rename the folder, or choose another with --store DIR")
    }
    return folder
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension StoreOptions {
  /// Opens the store that is meant.
  ///
  /// - Parameter isJoining: whether what a join left that did not come to its end will do; otherwise
  ///   that is no store yet, and is told with what finishes it.
  func open(evenJoining isJoining: Bool = false) throws -> Workspace {
    let folder = try StoreLocation.find(self)
    let workspace = try Workspace(opening: folder, machine: .system)
    guard !isJoining, try workspace.isJoinUnfinished() else { return workspace }
    throw CommandFailure(
      .noInput,
      "\(folder) is of a join that is not finished: nothing of the workspace has come yet",
      remedy: "finish it: hashiya sync, or the same hashiya join again; where its server is: "
        + "hashiya server show")
  }
}
