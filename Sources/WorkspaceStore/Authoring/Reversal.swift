import AnnotationModel
import MergeCore
import SyncProtocol

/// The operations that reverse one change, in the changes they need.
struct Reversal {
  let change: DecodedChange
  let reader: WorkspaceReader
  let own: Set<ReplicaID>
  /// One change's operations each; none is empty.
  private(set) var layers: [[DraftOperation]] = []

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
      guard !state.isDeleted || operations.contains(where: { $0.action == .delete }) else {
        throw movedOn(record, nil)
      }
      let steps = try reader.replay(record)
      guard let step = steps.first(where: { $0.change.identity == change.identity }) else {
        throw StoreFailure.corrupt("change \(change.received.dot) is not in its record's history")
      }
      for operation in operations { try reverse(operation, state, step) }
    }
  }

  private mutating func append(_ operation: DraftOperation, layer: Int = 0) {
    while layers.count <= layer { layers.append([]) }
    layers[layer].append(operation)
  }

  private func movedOn(_ record: RecordID, _ field: FieldID?) -> AuthoringRefusal {
    .movedOn(record, field, since: change.received.dot)
  }

  private func isOwn(_ sibling: Sibling) -> Bool { own.contains(sibling.identity.origin.replica) }

  private mutating func reverse(_ operation: Operation, _ state: RecordState, _ step: ReplayStep)
    throws
  {
    let record = operation.record
    switch operation.action {
    case .write(let field, let content):
      try reverseWrite(field, content, record, state, step)
    case .add(let field, let content):
      let current = state.adds(of: content.value, in: field)
      guard !current.isEmpty, current.allSatisfy(isOwn) else { throw movedOn(record, field) }
      if step.before.adds(of: content.value, in: field).isEmpty {
        append(DraftOperation(record, .remove(field, try bytes(content.value, record))))
      }
    case .remove(let field, let content):
      guard state.adds(of: content.value, in: field).isEmpty else { throw movedOn(record, field) }
      if !step.before.adds(of: content.value, in: field).isEmpty {
        append(DraftOperation(record, .add(field, try bytes(content.value, record))))
      }
    case .delete:
      try reverseDelete(record, state, step)
    case .restore:
      try reverseRestore(record, state, step)
    case .create, .touch:
      break
    }
  }

  private func bytes(_ value: Digest256, _ record: RecordID) throws -> [UInt8] {
    guard let bytes = try reader.content(value) else {
      throw AuthoringRefusal.contentMissing(record)
    }
    return bytes
  }
}

// MARK: - Registers

extension Reversal {
  /// Writes again what the change superseded; several values become siblings again, each written
  /// against the clock before the first.
  private mutating func reverseWrite(
    _ field: FieldID, _ content: Content, _ record: RecordID, _ state: RecordState,
    _ step: ReplayStep
  ) throws {
    let current = state.siblings(of: field)
    guard current.allHold(content.value), current.allSatisfy(isOwn) else {
      throw movedOn(record, field)
    }
    var earlier: [Digest256] = []
    for sibling in step.superseded(of: field) {
      if let value = sibling.content?.value, !earlier.contains(value) { earlier.append(value) }
    }
    if earlier.isEmpty { earlier = [implied(field, record, state)] }
    guard earlier != [content.value] else { return }
    for (layer, value) in earlier.enumerated() {
      let bytes = value == RecordDraft.nothing ? [] : try bytes(value, record)
      append(
        DraftOperation(record, .write(field, bytes), against: layer == 0 ? nil : state.clock),
        layer: layer)
    }
  }

  /// What the field held before anybody wrote it.
  private func implied(_ field: FieldID, _ record: RecordID, _ state: RecordState) -> Digest256 {
    let isImplied =
      (record.kind == .article && field == ArticleField.text)
      || (record.kind == .label && field == LabelField.name)
    return (isImplied ? state.createdValue : nil) ?? RecordDraft.nothing
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
    append(DraftOperation(record, .delete))
  }

  /// Spends the delete; one that had ended a conflict is spent alone, so that the conflict opens
  /// again.
  private mutating func reverseDelete(_ record: RecordID, _ state: RecordState, _ step: ReplayStep)
    throws
  {
    // One that was spent, and made again by undoing that, stands as well.
    let isStanding =
      state.deletions.contains { $0.sibling.identity == change.identity }
      || state.deletions.allSatisfy { isOwn($0.sibling) }
    guard isStanding, state.isDeleted else { throw movedOn(record, nil) }
    guard !step.before.isLifecycleInConflict else {
      append(
        DraftOperation(record, .restore, against: VectorClock([change.received.dot])))
      return
    }
    guard state.deletions.allSatisfy({ isOwn($0.sibling) }) else { throw movedOn(record, nil) }
    append(DraftOperation(record, .restore))
  }

  /// Deletes again; deletes that were in conflict are made again with what they had covered.
  private mutating func reverseRestore(_ record: RecordID, _ state: RecordState, _ step: ReplayStep)
    throws
  {
    let before = Set(step.before.touches.map(\.identity))
    guard state.deletions.isEmpty,
      state.touches.allSatisfy({
        own.contains($0.identity.origin.replica) || before.contains($0.identity)
      })
    else { throw movedOn(record, nil) }
    guard step.before.isLifecycleInConflict else {
      append(DraftOperation(record, .delete))
      return
    }
    let changes = ChangeReader(reader)
    for (layer, deletion) in step.spentDeletions.enumerated() {
      let seen = try changes.clock(of: deletion.sibling, record) { $0 == .delete }
      append(DraftOperation(record, .delete, against: seen), layer: layer)
    }
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

extension ReplayStep {
  /// The siblings of a register that the step took away.
  fileprivate func superseded(of field: FieldID) -> [Sibling] {
    let after = Set(self.after.siblings(of: field).map(\.identity))
    return before.siblings(of: field).filter { !after.contains($0.identity) }
  }

  /// The deletes that the step spent.
  fileprivate var spentDeletions: [Deletion] {
    let after = Set(self.after.deletions.map(\.sibling.identity))
    return before.deletions.filter { !after.contains($0.sibling.identity) }
  }
}
