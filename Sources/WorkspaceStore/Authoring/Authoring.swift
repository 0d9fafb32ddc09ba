import AnnotationModel
import GRDB
package import MergeCore
import SyncProtocol

/// What a command came to: the record, and the change if there was anything to change.
package struct Made: Hashable, Sendable {
  package var record: RecordID
  /// Nil when everything was so already (ruling 10).
  package var dot: Dot?

  package init(record: RecordID, dot: Dot?) {
    self.record = record
    self.dot = dot
  }
}

// What an author should not do is refused here, when it is typed (rulings 2, 4, 7, 10, 26 to 28).
// Each function makes at most one change, whose operations share its dot, and refuses before it
// commits anything.

extension WorkspaceEditor {
  /// Commits the operations as one change; none is a no-op.
  mutating func make(
    _ operations: [DraftOperation], on record: RecordID, undoing undoes: ChangeIdentity? = nil
  ) throws -> Made {
    guard !operations.isEmpty else { return Made(record: record, dot: nil) }
    let dot = try commit(operations, undoing: undoes)
    if operations.contains(where: \.isCreation) { reader.cache.forgetHandles() }
    if operations.contains(where: { $0.record.kind == .label }) { reader.cache.forgetLabels() }
    if operations.contains(where: { $0.record.kind == .article }) {
      reader.cache.forgetShownVersions()
    }
    return Made(record: record, dot: dot)
  }

  /// The state of a record that somebody made.
  func existing(_ id: RecordID) throws -> RecordState {
    guard let state = try reader.state(of: id), !state.creations.isEmpty else {
      throw AuthoringRefusal.unknownRecord(id)
    }
    return state
  }

  /// The state of a record that is not deleted.
  func live(_ id: RecordID) throws -> RecordState {
    let state = try existing(id)
    guard !state.isDeleted else { throw AuthoringRefusal.deleted(id) }
    return state
  }

  /// What an operation on `record` supersedes: all that was received, or an older form's clock.
  func coverage(_ against: VectorClock?, of record: RecordID) throws -> Coverage {
    guard let against else { return try .context(reader.presentContext) }
    guard try reader.hadClock(against, record) else {
      throw AuthoringRefusal.clockNeverShown(record)
    }
    return .clock(against)
  }

  /// A new identity of a kind that is named by a UUID.
  func newRecord(_ kind: RecordKind) -> RecordID {
    let time = UInt64(clamping: machine.now()) & (1 << 48 - 1)
    let bytes = RecordUUID.make(
      milliseconds: time, random: machine.randomBytes(RecordUUID.randomByteCount))
    guard let id = RecordID(kind: kind, bytes: bytes) else {
      preconditionFailure("a record may be named by 16 bytes")
    }
    return id
  }

  /// Remembers what `@` means.
  func rememberLast(_ record: RecordID) throws {
    try set(.lastRecord, hexText(record.encoded))
  }

  /// Remembers that a script's id means a record, so that it works as a reference afterwards.
  ///
  /// An article's id may be a UUID as well: it is an alias, since the bytes name the article.
  ///
  /// - Parameter namespace: what the id was mapped in; nil for the workspace.
  package func remember(_ id: String, as record: RecordID, namespace: String?) throws {
    if case .uuid = try ExternalID(id), record.kind != .article { return }
    try db.insertSealed(
      into: "alias",
      [id, Int64(record.kind.rawValue), namespace ?? "", record.blob], .replace)
  }
}

extension WorkspaceReader {
  /// The context of a change made now: all that this store has.
  var presentContext: CausalContext {
    get throws {
      var own = try lineage(of: replica)
      own.include(Dot(replica, Counter(UInt64.max)))
      return CausalContext(treeSize: log.treeSize, own: own)
    }
  }

  /// Whether `clock` was the record's at some time, here or in its author's store.
  func hadClock(_ clock: VectorClock, _ record: RecordID) throws -> Bool {
    let trace = try trace(of: record)
    let context = try Coverage.context(presentContext)
    return trace.hadClock(clock, membership: membership)
      && trace.carriers.filter { clock.entries.contains($0.dot) }.allSatisfy {
        context.covers([$0])
      }
  }
}

extension DraftOperation {
  fileprivate var isCreation: Bool {
    if case .create = action { true } else { false }
  }
}
