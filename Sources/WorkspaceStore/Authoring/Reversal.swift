import AnnotationModel
import MergeCore
import SyncProtocol

/// The operations that take one change back, all in one change.
///
/// What the change had taken away comes back as its authors' (ruling 29); what it had put where
/// nothing was goes again, as its author's own word.
struct Reversal {
  let change: DecodedChange
  let reader: WorkspaceReader
  let own: Set<ReplicaID>
  private(set) var operations: [DraftOperation] = []

  init(of change: DecodedChange, reader: WorkspaceReader, own: Set<ReplicaID>) {
    self.change = change
    self.reader = reader
    self.own = own
  }

  /// Plans the reversal of every operation, or refuses.
  mutating func plan() throws {
    for record in change.records {
      let operations = change.operations.filter { $0.record == record }
      guard operations.contains(where: { $0.action != .touch }) else { continue }
      guard let state = try reader.state(of: record) else { continue }
      if operations.contains(where: { $0.action.isCreation }) {
        try reverseCreation(record, state)
        continue
      }
      let isOfLife = operations.contains { $0.action == .delete || $0.action == .restore }
      guard !state.isDeleted || isOfLife else { throw movedOn(record, nil) }
      let history = History(state, try reader.replay(record).operations)
      for (place, operation) in operations.enumerated() {
        try reverse(operation, at: place, state, history)
      }
    }
  }

  /// The history of one record, by its parts.
  private struct History {
    let operations: [PartOperation]
    private let state: RecordState
    private let parts: [RecordPart: PartHistory]

    init(_ state: RecordState, _ operations: [PartOperation]) {
      self.state = state
      self.operations = operations
      let operationsByPart = Dictionary(grouping: operations, by: \.part)
      parts = Dictionary(
        uniqueKeysWithValues: operationsByPart.map { ($0, PartHistory(state, $0, $1)) })
    }

    func of(_ part: RecordPart) -> PartHistory { parts[part] ?? PartHistory(state, part, []) }
  }

  private func movedOn(_ record: RecordID, _ field: FieldID?) -> AuthoringRefusal {
    .movedOn(record, field, since: change.received.dot)
  }

  private func isOwn(_ sibling: Sibling) -> Bool { own.contains(sibling.source.origin.replica) }

  private mutating func reverse(
    _ operation: MergeCore.Operation, at place: Int, _ state: RecordState, _ history: History
  ) throws {
    let record = operation.record
    switch operation.action {
    case .write(let field, _): try reverseWrite(field, record, state, history)
    case .add(let field, let content):
      let current = state.adds(of: content.value, in: field)
      guard !current.isEmpty, current.allSatisfy(isOwn) else { throw movedOn(record, field) }
      if history.of(.field(field)).taken(by: change.identity, at: place) == nil {
        operations.append(
          DraftOperation(record, .remove(field, try bytes(content.value, record))))
      }
    case .remove(let field, let content):
      guard state.adds(of: content.value, in: field).isEmpty else { throw movedOn(record, field) }
      try reverseRemoval(field, content, at: place, record, history.of(.field(field)))
    case .delete: try reverseDelete(record, state)
    case .restore: try reverseRestore(record, state, history)
    case .create, .touch, .writeBack, .addBack, .deleteBack: break
    }
  }

  private func bytes(_ value: Digest256, _ record: RecordID) throws -> [UInt8] {
    guard let bytes = try reader.content(value) else {
      throw AuthoringRefusal.contentMissing(record)
    }
    return bytes
  }

  /// Whether everybody will let the undoing change bring this back.
  private func mayBringBack(_ taken: PartHistory.Taken, _ history: PartHistory) throws -> Bool {
    let dot = Dot(reader.replica, .max)
    let undoing = Change(
      identity: ChangeIdentity(origin: dot, chainHash: .zero), carrier: Carrier(dot, .pending),
      context: try reader.presentContext, time: 0, operations: [], undoes: change.identity)
    do throws(UndoFault) {
      _ = try history.returned(
        taken.sources, at: taken.element == nil ? nil : taken.place, by: undoing,
        undoing: change.identity)
      return true
    } catch {
      return false
    }
  }
}

// MARK: - Registers and sets

extension Reversal {
  /// Brings back what the write had taken; where it was the first, writes what the field held before
  /// anybody wrote it.
  private mutating func reverseWrite(
    _ field: FieldID, _ record: RecordID, _ state: RecordState, _ history: History
  ) throws {
    let current = state.siblings(of: field)
    guard current.allSatisfy({ $0.source == change.identity }) else {
      throw movedOn(record, field)
    }
    let part = history.of(.field(field))
    guard let taken = part.taken(by: change.identity).first else {
      let value = implied(field, record, state)
      let bytes = value == RecordDraft.nothing ? [] : try bytes(value, record)
      operations.append(DraftOperation(record, .write(field, bytes)))
      return
    }
    guard try mayBringBack(taken, part) else { throw movedOn(record, field) }
    operations.append(DraftOperation(record, .writeBack(field, taken.sources)))
  }

  /// What the field held before anybody wrote it.
  private func implied(_ field: FieldID, _ record: RecordID, _ state: RecordState) -> Digest256 {
    let isImplied =
      (record.kind == .article && field == ArticleField.text)
      || (record.kind == .label && field == LabelField.name)
    return (isImplied ? state.createdValue : nil) ?? RecordDraft.nothing
  }

  /// Adds an element again as those who had added it; as its remover's own where another removed it
  /// as well, or more had added it than may come back at once.
  private mutating func reverseRemoval(
    _ field: FieldID, _ content: Content, at place: Int, _ record: RecordID,
    _ history: PartHistory
  ) throws {
    guard let taken = history.taken(by: change.identity, at: place) else { return }
    let sources = taken.sources
    let action: DraftOperation.Action =
      try sources.count <= Limits.citesMax && mayBringBack(taken, history)
      ? .addBack(field, undone: place, sources) : .add(field, bytes(content.value, record))
    operations.append(DraftOperation(record, action))
  }
}

// MARK: - Lifecycle

extension Reversal {
  /// Deletes what the change made, unless others have worked on it since.
  ///
  /// A label that came with the edit of another record stays in the codebook: its name would be
  /// retired, and the same edit could not be made again. So does one that somebody uses.
  private mutating func reverseCreation(_ record: RecordID, _ state: RecordState) throws {
    if state.isDeleted { return }
    if record.kind == .label {
      let cameInPassing = change.records.contains { $0 != record }
      if try cameInPassing || reader.isLabelUsed(record) { return }
    }
    guard state.creations.allSatisfy(isOwn), state.deletions.isEmpty,
      state.touches.allSatisfy({ own.contains($0.identity.origin.replica) })
    else { throw movedOn(record, nil) }
    operations.append(DraftOperation(record, .delete))
  }

  /// Spends the delete alone, so that a conflict that it had ended opens again.
  private mutating func reverseDelete(_ record: RecordID, _ state: RecordState) throws {
    let identity = change.identity
    let isOurs = { (deletion: Deletion) in deletion.sibling.source == identity }
    // Where somebody else has deleted it as well, it would stay deleted.
    guard state.deletions.contains(where: isOurs),
      !state.deletions.contains(where: { !isOurs($0) && $0.uncovered.isEmpty })
    else { throw movedOn(record, nil) }
    operations.append(DraftOperation(record, .restore))
  }

  /// Brings back the deletes that were spent, as their authors', with what those had received.
  private mutating func reverseRestore(
    _ record: RecordID, _ state: RecordState, _ history: History
  ) throws {
    let part = history.of(.lifecycle)
    let before = history.operations.first {
      $0.identity == change.identity && $0.part == .lifecycle
    }
    guard let taken = part.taken(by: change.identity).first, state.deletions.isEmpty,
      state.touches.allSatisfy({ touch in
        own.contains(touch.identity.origin.replica) || isEarlier(touch, than: before)
      }), try mayBringBack(taken, part)
    else { throw movedOn(record, nil) }
    operations.append(DraftOperation(record, .deleteBack(taken.sources)))
  }

  /// Whether the author of the restore had received a touch.
  private func isEarlier(_ touch: Touch, than restore: PartOperation?) -> Bool {
    restore?.coverage.covers(touch.carriers) ?? false
  }
}

extension Action {
  fileprivate var isCreation: Bool {
    if case .create = self { true } else { false }
  }
}

extension RecordState {
  fileprivate func adds(of value: Digest256, in field: FieldID) -> [Sibling] {
    elements.first { $0.field == field && $0.value == value }?.adds ?? []
  }
}
