import Crypto
import FoundationEssentials
import GRDB
import MergeCore
package import SyncProtocol
import Synchronization
import TransparencyLog

/// An analyst's store: the folder `.hashiya` with one SQLite file.
///
/// Several processes may have it open; each writing transaction is durable when it returns.
package final class Workspace: Sendable {
  /// The `.hashiya` folder.
  package let directory: String
  package let machine: Machine
  private let database: LogDatabase
  /// Whether this process has checked whose store it is (``IdentityCheck``).
  private let isChecked = Mutex(false)

  private init(directory: String, machine: Machine, database: LogDatabase, isChecked: Bool) {
    self.directory = directory
    self.machine = machine
    self.database = database
    self.isChecked.withLock { $0 = isChecked }
  }

  /// The folder's name.
  package static let folderName = ".hashiya"

  /// Opens the store in `directory` (the `.hashiya` folder itself).
  ///
  /// One that cannot be written is opened for reading, as it is now; the first write then says why.
  package convenience init(opening directory: String, machine: Machine) throws(StoreFailure) {
    let status = FileStatus(Self.file(in: directory))
    guard !status.isHidden else { throw StoreFailure.notYours(directory) }
    guard status.isFile else { throw .notFound(path: directory) }
    let database = try Self.database(in: directory, mayCopy: true)
    guard !database.isUnfinished else { throw .unfinished(path: directory) }
    self.init(directory: directory, machine: machine, database: database, isChecked: false)
  }

  /// Makes a store with a workspace of its own: the analyst is its founder, and no server is needed.
  ///
  /// - Parameters:
  ///   - device: what the device is called; nil for the machine's name.
  ///   - patience: for how long to wait for another process that makes a store there.
  package static func found(
    in directory: String, analyst: String, device: String? = nil,
    patience: Duration = LogDatabase.patience, machine: Machine
  ) throws -> Workspace {
    try make(directory, patience, machine) { db in
      let replica = try OwnReplica(machine: machine, succession: nil)
      var genesis = WireGenesis()
      genesis.key = replica.signingKey.publicKey.rawRepresentation
      genesis.member = Data(machine.randomBytes(16))
      genesis.name = analyst
      genesis.rules = mergeRulesVersion
      genesis.nonce = Data(machine.randomBytes(16))
      genesis.device = device ?? machine.deviceName
      var act = WireAct()
      act.genesis = genesis
      let skeleton = DraftChange(context: nil, time: machine.now(), act: act).skeleton
      try db.begin(replica, firstSkeleton: skeleton)
      let workspace = workspaceID(genesisSkeleton: skeleton)
      try db.set(.workspace, workspace.hex)
      var writer = try LogWriter(db)
      try writer.pin(workspace: workspace)
      try db.set(.analyst, analyst)
      try db.set(.device, device)
      var membership = MembershipState()
      try membership.apply(
        act,
        at: ActContext(
          workspace: .zero, author: replica.id, leafIndex: 0, leafTime: 0)
      ) { _ in nil }
    }
  }

  /// Makes a store that joins the invite's workspace: its enrolment is pending, and the first sync
  /// brings everything.
  ///
  /// - Parameter device: what the device is called; nil for the machine's name.
  package static func join(
    in directory: String, invite: ShareCode, device: String? = nil, machine: Machine
  ) throws -> Workspace {
    guard let workspace = invite.workspace, let key = try? VerifierKey(invite.logKey) else {
      throw ShareCodeError.damaged
    }
    return try make(directory, LogDatabase.patience, machine) { db in
      let replica = try OwnReplica(machine: machine, succession: nil)
      var act = WireAct()
      act.enrolment = try WireEnrolment(
        replicaKey: replica.signingKey.publicKey,
        invite: Curve25519.Signing.PrivateKey(rawRepresentation: invite.secret),
        workspace: workspace)
      act.enrolment.device = device ?? machine.deviceName
      let skeleton = DraftChange(context: nil, time: machine.now(), act: act).skeleton
      try db.begin(replica, firstSkeleton: skeleton)
      try db.set(.device, device)
      try db.set(.workspace, workspace.hex)
      try db.set(.url, invite.url)
      try db.set(.slot, invite.slot)
      var writer = try LogWriter(db)
      try writer.pin(workspace: workspace)
      try writer.setLogKey(key)
    }
  }

  /// Closes the file.
  package func close() throws(StoreFailure) { try database.close() }

  /// Closes the store and removes its files: for a join that was refused for good.
  ///
  /// Nothing is removed where another process has brought the log meanwhile, or is at work on it.
  package func discard() throws(StoreFailure) {
    try close()
    Self.removeUnfinished(in: directory, withFolder: true) { db in
      try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM leaf)") ?? false
    }
  }

  /// The file, for those who audit or examine it.
  package var logDatabase: LogDatabase { database }

  /// Reads one consistent snapshot.
  package func read<Value>(_ body: (WorkspaceReader) throws -> Value) throws -> Value {
    try database.read { try body(WorkspaceReader($0)) }
  }

  /// Runs `body` as one durable transaction; what it throws leaves nothing behind.
  package func edit<Value>(_ body: (inout WorkspaceEditor) throws -> Value) throws -> Value {
    try write { db in
      var editor = try WorkspaceEditor(db, machine: machine)
      return try body(&editor)
    }
  }

  /// Runs `body` as one durable transaction, after checking once whose store this is.
  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    var rotated: Rotation?
    let value = try database.write { db in
      if !isChecked.withLock({ $0 }) { rotated = try IdentityCheck(machine: machine).rotate(db) }
      return try body(db)
    }
    if let rotated {
      isChecked.withLock { $0 = true }
      Self.settle(rotated, database)
    }
    return value
  }

  /// Lets the machine forget the nonce before the one that is committed now.
  ///
  /// That cannot fail what is committed already. Where it does not succeed, on a full disk say, the
  /// file goes on holding both nonces, of which the database has one (ruling 15); the next process
  /// that writes replaces both.
  private static func settle(_ rotated: Rotation, _ database: LogDatabase) {
    do { try database.exclusively { try rotated.file.settle(rotated.nonce) } } catch {}
  }

  private static func make(
    _ directory: String, _ patience: Duration, _ machine: Machine,
    _ body: (Database) throws -> Void
  ) throws -> Workspace {
    let isNewFolder = try makeDirectory(directory)
    // Of several processes that begin at once, one makes the file. One that was killed before it had
    // a replica leaves no store, and whoever comes next makes it.
    let isNewFile = try makeFile(file(in: directory))
    do {
      let database = try database(toMake: directory, isNewFile: isNewFile, patience: patience)
      let rotated = try database.write { db in
        // Whoever made the file may have failed, and removed it, while this process waited.
        guard database.isInPlace else { throw StoreFailure.busy(by: nil) }
        guard try OwnReplica.all(db).isEmpty else {
          throw StoreFailure.alreadyExists(path: directory)
        }
        try body(db)
        return try IdentityCheck(machine: machine).begin(db)
      }
      settle(rotated, database)
      return Workspace(
        directory: directory, machine: machine, database: database, isChecked: true)
    } catch {
      if isNewFile { removeUnfinished(in: directory, withFolder: isNewFolder) }
      throw error
    }
  }

  static func file(in directory: String) -> String { directory + "/store.sqlite" }

  /// Opens the file in which a store is to be made, and makes its tables.
  ///
  /// Throws ``StoreFailure/alreadyExists(path:)`` for a file that is somebody's, whatever it is.
  static func database(
    toMake directory: String, isNewFile: Bool, patience: Duration = LogDatabase.patience
  ) throws(StoreFailure) -> LogDatabase {
    do throws(StoreFailure) {
      return try database(in: directory, patience: patience)
    } catch {
      switch error {
      case .corrupt where !isNewFile, .newerSchema where !isNewFile, .busy where !isNewFile,
        .database where !isNewFile:
        throw .alreadyExists(path: directory)
      default: throw error
      }
    }
  }

  /// Removes what this process began and could not finish, unless another process is at work on it, or
  /// has finished it: that is a store, with keys that are nowhere else.
  ///
  /// - Parameter isUnfinished: whether nobody has finished it; by default that is a file without any key.
  static func removeUnfinished(
    in directory: String, withFolder: Bool,
    if isUnfinished: (Database) throws -> Bool = Workspace.hasNoKey
  ) {
    let path = file(in: directory)
    // Where the lock cannot even be made, nobody else can have written.
    guard let lock = try? FileLock(path: path + ".lock") else {
      return removeStoreFiles(in: directory, withFolder: withFolder)
    }
    try? lock.whileLocked(patience: .zero) {
      // What cannot be read may be a store.
      let file = try DatabaseQueue(path: path, configuration: .log(isReadOnly: true))
      let isRemoved = try file.read(isUnfinished)
      try file.close()
      if isRemoved { removeStoreFiles(in: directory, withFolder: withFolder) }
    }
  }

  /// Whether the file has no store in it; its tables need not be there.
  private static func hasNoKey(_ db: Database) throws -> Bool {
    try !db.tableExists("own_replica") || OwnReplica.all(db).isEmpty
  }

  private static func database(
    in directory: String, patience: Duration = LogDatabase.patience, mayCopy: Bool = false
  ) throws(StoreFailure) -> LogDatabase {
    try LogDatabase(path: file(in: directory), patience: patience, mayCopy: mayCopy) {
      WorkspaceSchema.register(in: &$0)
    }
  }
}

extension LogDatabase {
  /// Whether the file has its tables, and neither a replica nor a leaf.
  ///
  /// No command can have said then that a store was made. False where that cannot be read.
  var isUnfinished: Bool {
    let isEmpty = try? read { db in
      try Bool.fetchOne(
        db,
        sql: "SELECT NOT EXISTS (SELECT 1 FROM own_replica) AND NOT EXISTS (SELECT 1 FROM leaf)")
    }
    return isEmpty ?? false
  }
}

extension Database {
  /// The store's first replica and its first change.
  fileprivate func begin(_ replica: OwnReplica, firstSkeleton: [UInt8]) throws {
    try replica.insert(self)
    _ = try NewPendingChange(
      dot: Dot(replica.id, 1), previous: .zero, skeleton: firstSkeleton, contents: [],
      isAct: true, isReissue: false, context: .empty
    ).insert(self)
  }
}
