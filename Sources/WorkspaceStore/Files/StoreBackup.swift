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
  /// and leaves nothing behind then; ``StoreFailure/alreadyExists(path:)`` where there is a store, also
  /// one that another process made while this one read the backup.
  ///
  /// - Parameter patience: for how long to wait for another process that makes a store there.
  package static func restore(
    _ backup: String, in directory: String, patience: Duration = LogDatabase.patience,
    machine: Machine
  ) throws(StoreFailure) -> Workspace {
    guard access(backup, R_OK) == 0 else { throw .notFound(path: backup) }
    let isNewFolder = try makeDirectory(directory)
    let isNewFile = try makeFile(file(in: directory))
    do {
      let database = try database(toMake: directory, isNewFile: isNewFile, patience: patience)
      guard database.isUnfinished else { throw StoreFailure.alreadyExists(path: directory) }
      let source = try database.open(backup: backup)
      try database.exclusively { (queue: DatabaseQueue) in
        guard database.isInPlace else { throw StoreFailure.busy(by: nil) }
        guard database.isUnfinished else { throw StoreFailure.alreadyExists(path: directory) }
        try source.backup(to: queue)
      }
      try source.close()
      try database.close()
      try DurableFile.flush(file(in: directory))
      try DurableFile.flushFolder(of: file(in: directory))
      return try Workspace(opening: directory, machine: machine)
    } catch {
      if isNewFile { removeUnfinished(in: directory, withFolder: isNewFolder) }
      throw StoreFailure(error)
    }
  }
}

extension LogDatabase {
  /// Opens a backup of a store in which nothing is found wrong, before anything is made of it.
  fileprivate func open(backup: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    let source = try DatabaseQueue(path: backup, configuration: configuration)
    let problem = try source.read { db -> String? in
      guard try db.tableExists("own_replica"), try db.tableExists("log") else {
        return "it holds no store"
      }
      guard try !migrator.hasBeenSuperseded(db) else {
        throw StoreFailure.newerSchema(path: backup)
      }
      return try WorkspaceReader(db).log.integrityProblems().first
    }
    if let problem { throw StoreFailure.corrupt(problem) }
    return source
  }
}
