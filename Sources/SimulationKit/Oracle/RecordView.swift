package import MergeCore

/// Everything that two merges of one record must agree on, as plain values.
///
/// ``MergeOracle`` computes one from all operations; `init(_ state:)` reads one from the merge.
/// Arrays stand in the order that `RecordState` promises.
package struct RecordView: Hashable, Sendable {
  /// A change that stands for something in the record: a sibling, an add, a remove, a delete.
  package struct Entry: Hashable, Sendable {
    package var identity: ChangeIdentity
    /// The change that wrote the value first, where it was brought back.
    package var cited: ChangeIdentity?
    package var carriers: [Carrier]
    package var content: Content?
    package var time: Int64
    package var isResolution: Bool

    /// The dot that placed the change.
    package var dot: Dot { carriers[0].dot }

    /// Whether it is the same value of the same change, whoever carries it.
    func isSame(as other: Entry) -> Bool { identity == other.identity && cited == other.cited }
  }

  /// One element of one set.
  package struct Element: Hashable, Sendable {
    package var field: FieldID
    package var value: Digest256

    package init(field: FieldID, value: Digest256) {
      self.field = field
      self.value = value
    }
  }

  /// An unspent delete, and each replica's latest touch where the delete does not cover it.
  package struct Delete: Hashable, Sendable {
    package var entry: Entry
    package var uncovered: [Dot]
  }

  /// A replica's latest operation that is no delete.
  package struct Touch: Hashable, Sendable {
    package var identity: ChangeIdentity
    package var carriers: [Carrier]
    package var time: Int64
  }

  package var clock = VectorClock()
  package var creations: [Entry] = []
  package var registers: [FieldID: [Entry]] = [:]
  package var adds: [Element: [Entry]] = [:]
  package var removals: [Element: [Entry]] = [:]
  package var deletions: [Delete] = []
  package var touches: [Touch] = []
  package var isDeleted = false
  package var isLifecycleInConflict = false
  package var conflictingFields: [FieldID] = []
  package var digestElements: Set<DigestElement> = []

  package init() {}

  /// The first part in which two views differ, with both values; nil when they are equal.
  package func difference(from other: RecordView) -> String? {
    if clock != other.clock { return "clock \(clock), not \(other.clock)" }
    if creations != other.creations { return "creations \(creations), not \(other.creations)" }
    if registers != other.registers { return "registers \(registers), not \(other.registers)" }
    if adds != other.adds { return "adds \(adds), not \(other.adds)" }
    if removals != other.removals { return "removals \(removals), not \(other.removals)" }
    if deletions != other.deletions { return "deletions \(deletions), not \(other.deletions)" }
    if touches != other.touches { return "touches \(touches), not \(other.touches)" }
    if isDeleted != other.isDeleted { return "deleted: \(isDeleted)" }
    if isLifecycleInConflict != other.isLifecycleInConflict {
      return "lifecycle in conflict: \(isLifecycleInConflict)"
    }
    if conflictingFields != other.conflictingFields {
      return "conflicts in \(conflictingFields), not \(other.conflictingFields)"
    }
    if digestElements != other.digestElements {
      return "digest elements \(digestElements), not \(other.digestElements)"
    }
    return nil
  }
}

extension RecordView {
  /// What the merge made of the record.
  package init(_ state: RecordState) {
    clock = state.clock
    creations = state.creations.map(Entry.init)
    for register in state.registers {
      registers[register.field] = register.siblings.map(Entry.init)
    }
    for element in state.elements {
      let key = Element(field: element.field, value: element.value)
      if !element.adds.isEmpty { adds[key] = element.adds.map(Entry.init) }
      if !element.removals.isEmpty { removals[key] = element.removals.map(Entry.init) }
    }
    deletions = state.deletions.map {
      Delete(entry: Entry($0.sibling), uncovered: $0.uncovered)
    }
    touches = state.touches.map {
      Touch(identity: $0.identity, carriers: $0.carriers, time: $0.time)
    }
    isDeleted = state.isDeleted
    isLifecycleInConflict = state.isLifecycleInConflict
    conflictingFields = state.conflictingFields
    digestElements = Set(state.digestElements)
  }
}

extension RecordView.Entry {
  fileprivate init(_ sibling: Sibling) {
    self.init(
      identity: sibling.identity, cited: sibling.cited, carriers: sibling.carriers,
      content: sibling.content,
      time: sibling.time, isResolution: sibling.isResolution)
  }
}
