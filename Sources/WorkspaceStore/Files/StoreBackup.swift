import GRDB
import Glibc

extension Workspace {
  /// Copies the whole store, its keys and pending work included, into one file as it is at this
  /// moment; others may write meanwhile.
  ///
  /// The file appears whole or not at all, and only its owner may read it. Throws
  /// ``StoreFailure/alreadyExists(path:)`` when it is there. Cost: the size of the store.
  package func backUp(to file: String) throws(StoreFailure) {
    let draft = file + ".\(getpid()).new"
    guard try makeFile(draft, for: file) else { throw .alreadyExists(path: draft) }
    defer { unlink(draft) }
    try logDatabase.copy(to: draft)
    do throws(FileFailure) {
      try DurableFile.flush(draft)
      try DurableFile.name(draft, as: file)
    } catch {
      if error.number == EEXIST { throw .alreadyExists(path: file) }
      throw StoreFailure(error)
    }
  }

  /// Makes a store of a backup in `directory`, the `.hashiya` folder.
  ///
  /// Whoever writes in it first finds, by the machine's nonce, that the original may be at work too,
  /// and goes on under a successor. Throws ``StoreFailure/corrupt(_:)`` for a file that is no backup,
  /// and leaves nothing behind then.
  package static func restore(
    _ file: String, in directory: String, machine: Machine
  ) throws(StoreFailure) -> Workspace {
    guard access(file, R_OK) == 0 else { throw .notFound(path: file) }
    let isNew = try makeDirectory(directory)
    let isNewFile = try makeFile(directory + "/store.sqlite")
    if !isNewFile, (try? isUnfinished(directory)) != true {
      throw .alreadyExists(path: directory)
    }
    do {
      try copy(file, to: directory + "/store.sqlite")
      let workspace = try Workspace(opening: directory, machine: machine)
      let problems = try workspace.read { try $0.log.integrityProblems() }
      guard let problem = problems.first else { return workspace }
      throw StoreFailure.corrupt(problem)
    } catch {
      removeStoreFiles(in: directory, withFolder: isNew)
      throw StoreFailure(error)
    }
  }

  private static func copy(_ file: String, to path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    let source = try DatabaseQueue(path: file, configuration: configuration)
    let isStore = try source.read { try $0.tableExists("own_replica") && $0.tableExists("log") }
    guard isStore else { throw StoreFailure.corrupt("it holds no store") }
    let target = try DatabaseQueue(path: path)
    try source.backup(to: target)
    try target.close()
    try source.close()
    try DurableFile.flush(path)
    try DurableFile.flushFolder(of: path)
  }
}
