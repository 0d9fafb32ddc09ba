import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
import SwiftProtobuf
package import SyncProtocol

/// An analyst's store within one writing transaction: makes changes, each committed when the
/// transaction is.
package struct WorkspaceEditor {
  let db: Database
  package let machine: Machine
  /// The store as it is with the changes made so far.
  package private(set) var reader: WorkspaceReader
  private var author: OwnReplica
  private let context: SignedContext

  /// - Precondition: the identity was checked (``IdentityCheck``).
  init(_ db: Database, machine: Machine) throws {
    self.db = db
    self.machine = machine
    reader = try WorkspaceReader(db)
    author = try OwnReplica.active(db)
    try reader.log.checkEnd()
    context = try reader.log.currentContext()
  }

  /// Commits one change of these operations and merges it; returns its dot.
  ///
  /// The author's role, the schema and the limits are checked as everybody checks them
  /// (``AuthoringRefusal/refusedByAll(_:_:)``); what else an author should not do is the caller's to
  /// refuse.
  ///
  /// - Parameter undoes: the change that it takes back.
  @discardableResult
  package mutating func commit(
    _ operations: [DraftOperation], time: Int64? = nil, undoing undoes: ChangeIdentity? = nil
  ) throws -> Dot {
    guard let record = operations.last?.record else {
      preconditionFailure("a change does something")
    }
    do {
      try checkMayEdit()
      return try insert(
        DraftChange(
          context: nil, time: time ?? machine.now(), operations: operations, undoes: undoes))
    } catch let refusal as Refusal {
      throw AuthoringRefusal.refusedByAll(refusal, refusal.code == .overLimit ? record : nil)
    }
  }

  /// Whether the log here, with one's own pending acts, lets this store's member edit.
  ///
  /// Nobody is known yet where the enrolment is pending and its invite has not come.
  private func checkMayEdit() throws {
    try reader.checkIsNotRevoked()
    guard let replica = reader.membership.replica(author.id),
      let member = reader.membership.member(replica.member)
    else { return }
    try member.checkMayEdit(at: nil)
  }

  /// Commits a membership act.
  @discardableResult
  package mutating func commit(act: WireAct) throws -> Dot {
    let dot = try insert(DraftChange(context: nil, time: machine.now(), act: act))
    reader = try WorkspaceReader(db)
    return dot
  }

  /// Remembers a setting.
  package func set(_ setting: Setting, _ value: String?) throws {
    try db.set(setting, value)
  }

  private mutating func insert(_ draft: DraftChange) throws -> Dot {
    let chain = try ChainEnd(of: author.id, db, reader.log)
    let row = NewPendingChange(draft, by: author, after: chain, context: context)
    try insert(row)
    return row.dot
  }

  private func insert(_ new: NewPendingChange) throws {
    let decoded = try new.insert(db)
    try PendingChanges(db).apply(
      decoded, lineage: reader.lineage(of: author.id),
      placedBy: reader.membership.replicas(sharingMemberWith: author.id), on: reader.log)
  }
}

/// The end of one of the store's own chains: pending, or else logged, or else not begun.
struct ChainEnd {
  var counter: Counter
  var hash: Digest256
  var context: SignedContext

  init(of replica: ReplicaID, _ db: Database, _ log: LogReader) throws {
    if let last = try PendingChanges(db).last(of: replica) {
      (counter, hash, context) = (last.dot.counter, last.chain, last.context)
    } else if let head = try log.chainHead(of: replica) {
      (counter, hash, context) = (head.counter, head.chain, head.context)
    } else {
      (counter, hash, context) = (0, .zero, .empty)
    }
  }
}

/// A change about to be pending.
struct NewPendingChange {
  var dot: Dot
  var previous: Digest256
  var skeleton: [UInt8]
  var contents: [ReceivedContent]
  var isAct: Bool
  var isReissue: Bool
  var context: SignedContext

  /// Inserts the change with its records and contents; returns it decoded.
  func insert(_ db: Database) throws -> DecodedChange {
    var wire = WireChange()
    wire.skeleton = Data(skeleton)
    wire.contents = contents.map { $0.wire(withSalt: true) }
    let received = try ReceivedChange(storedChange: wire, dot: dot, after: previous)
    let decoded = try DecodedChange(received, after: context, schema: AnnotationSchema.schema)
    let bytes: Data = try wire.serializedBytes()
    let limit = isReissue ? Limits.changeBytesMax : Limits.authoredChangeBytesMax
    guard received.byteCount <= limit else {
      throw Refusal(.overLimit, dot.counter, "a change has at most \(limit) bytes")
    }
    let sequence = try db.insertPending(
      PendingRow(
        sequence: 0, dot: dot, previous: previous, chain: received.chain, changeBytes: bytes.array,
        isAct: isAct, isReissue: isReissue, context: context, acknowledged: nil))
    let touches = try db.cachedStatement(sql: "INSERT INTO pending_record_change VALUES (?, ?)")
    for record in decoded.records { try touches.execute(arguments: [record.blob, sequence]) }
    try db.store(contentsOf: contents)
    return decoded
  }
}

extension NewPendingChange {
  /// A change that its author makes now, in this context.
  init(
    _ draft: DraftChange, by author: OwnReplica, after chain: ChainEnd, context: SignedContext
  ) {
    var draft = draft
    draft.context = context == chain.context ? nil : context
    let counter = chain.counter.next
    let seed = author.secret.seed(ofBlock: seedBlock(of: counter))
    let contents = draft.contents.enumerated().map { index, value in
      let salt = contentSalt(seed: seed, counter: counter, index: index)
      return ReceivedContent(value: value, salt: salt)
    }
    self.init(
      dot: Dot(author.id, counter), previous: chain.hash, skeleton: draft.skeleton,
      contents: contents, isAct: draft.act != nil, isReissue: false, context: context)
  }
}

extension LogReader {
  /// The context of a change made now: everything that the log here has.
  func currentContext() throws -> SignedContext {
    guard treeSize > 0 else { return .empty }
    return SignedContext(treeSize: treeSize, root: try root(ofSize: treeSize))
  }
}

extension Database {
  /// A setting of the store; nil when it was never set.
  func setting(_ name: Setting) throws -> String? {
    try Row.fetchOne(
      self, sql: "SELECT * FROM setting WHERE name = ?", arguments: [name.rawValue]
    )?.sealed(in: "setting").text("value")
  }

  /// Remembers a setting, or forgets it for nil.
  func set(_ setting: Setting, _ value: String?) throws {
    if let value {
      try insertSealed(into: "setting", [setting.rawValue, value], .replace)
    } else {
      try execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [setting.rawValue])
    }
  }
}
