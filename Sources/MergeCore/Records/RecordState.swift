/// One record as merged so far: every value that nothing has superseded, and what is needed to
/// judge what comes.
///
/// All arrays are in a fixed order, so equal states encode to equal bytes.
package struct RecordState: Hashable, Sendable {
  /// Every carrier of every change merged into the record.
  package var clock = VectorClock()
  /// Who made the record: one entry for each change that created it, apart from each other.
  package var creations: [Sibling] = []
  /// The written registers, ascending by field; never an empty list of siblings.
  package var registers: [Register] = []
  /// The sets, ascending by field and element.
  package var elements: [SetElement] = []
  /// The deletes that nothing has spent.
  package var deletions: [Deletion] = []
  /// For each replica its latest operation that is no delete, ascending by replica.
  package var touches: [Touch] = []

  package init() {}

  /// The siblings of a register, ascending by identity; empty when it was never written.
  package func siblings(of field: FieldID) -> [Sibling] {
    registers.first { $0.field == field }?.siblings ?? []
  }
}

/// One of several concurrent values of a field.
package struct Sibling: Hashable, Sendable {
  package var identity: ChangeIdentity
  /// The change that wrote the value first, where ``identity`` brought it back (ruling 29).
  package var cited: ChangeIdentity?
  /// Where the change appears, the placing one first.
  package var carriers: [Carrier]
  /// The value; nil only for the creation of a record that carries none.
  package var content: Content?
  /// Its author's claimed time, milliseconds since 1970: of a value brought back the first author's.
  package var time: Int64
  /// Whether it settled a conflict.
  package var isResolution: Bool

  /// The dot that people see: where the change first appeared.
  package var dot: Dot { carriers[0].dot }

  init(_ change: Change, _ content: Content?, isResolution: Bool) {
    self.init(
      identity: change.identity, carriers: [change.carrier], content: content, time: change.time,
      isResolution: isResolution)
  }

  /// A value that a change brings back, as its author wrote it.
  init(_ change: Change, _ value: Returned.Value) {
    self.init(
      identity: change.identity, cited: value.source, carriers: [change.carrier],
      content: value.content, time: value.time, isResolution: value.isResolution)
  }

  init(
    identity: ChangeIdentity, cited: ChangeIdentity? = nil, carriers: [Carrier], content: Content?,
    time: Int64, isResolution: Bool
  ) {
    self.identity = identity
    self.cited = cited
    self.carriers = carriers
    self.content = content
    self.time = time
    self.isResolution = isResolution
  }
}

/// A register and its siblings.
package struct Register: Hashable, Sendable {
  package var field: FieldID
  package var siblings: [Sibling]
}

/// One element of a set: present while any add of it stands.
package struct SetElement: Hashable, Sendable {
  package var field: FieldID
  /// SHA-256 of the element's bytes.
  package var value: Digest256
  /// The adds that no remove has covered, ascending by identity.
  package var adds: [Sibling]
  /// The latest remove of each replica, kept so that what add-wins absorbed can be explained in
  /// either order of arrival (ruling 8); ascending by replica.
  package var removals: [Sibling]
}

/// A delete that nothing has spent.
package struct Deletion: Hashable, Sendable {
  package var sibling: Sibling
  /// The touches that this delete does not cover, ascending; the record is deleted when this is
  /// empty for some deletion.
  package var uncovered: [Dot]
}

/// A replica's latest operation on the record that is no delete.
package struct Touch: Hashable, Sendable {
  package var identity: ChangeIdentity
  package var carriers: [Carrier]
  package var time: Int64

  /// The dot that placed the operation; its replica is the touch's key.
  package var dot: Dot { carriers[0].dot }
}

extension RecordState {
  /// Whether some unspent delete covers every operation that is not a delete (ruling 6).
  package var isDeleted: Bool { deletions.contains { $0.uncovered.isEmpty } }

  /// Whether there are unspent deletes and none covers all (ruling 6).
  package var isLifecycleInConflict: Bool { !deletions.isEmpty && !isDeleted }

  /// Whether the register's siblings hold different values; equal ones agree (ruling 9).
  package func isInConflict(_ field: FieldID) -> Bool { siblings(of: field).differ }

  /// The registers in conflict, ascending.
  package var conflictingFields: [FieldID] {
    registers.filter { $0.siblings.differ }.map(\.field)
  }

  /// How many (record, field) conflicts the record counts for, its lifecycle included.
  package var conflictCount: Int {
    conflictingFields.count + (isLifecycleInConflict ? 1 : 0)
  }

  /// The elements of a set that are present.
  package func presentElements(of field: FieldID) -> [SetElement] {
    elements.filter { $0.field == field && !$0.adds.isEmpty }
  }
}

// MARK: - Size

extension RecordState {
  /// The most values of these replicas that stand side by side anywhere in it: siblings of a register,
  /// adds of an element, deletes, creations.
  ///
  /// An entry counts for the replica that placed it. Linear in the entries, as is the next.
  package func siblingCountMax(placedBy replicas: Set<ReplicaID>) -> Int {
    var most = max(creations.count(placedBy: replicas), deletionCount(placedBy: replicas))
    for register in registers { most = max(most, register.siblings.count(placedBy: replicas)) }
    for element in elements { most = max(most, element.adds.count(placedBy: replicas)) }
    return most
  }

  /// How many entries these replicas have placed in it, of every sort.
  package func entryCount(placedBy replicas: Set<ReplicaID>) -> Int {
    var count = creations.count(placedBy: replicas) + deletionCount(placedBy: replicas)
    count += touches.count { replicas.contains($0.dot.replica) }
    for register in registers { count += register.siblings.count(placedBy: replicas) }
    for element in elements {
      count += element.adds.count(placedBy: replicas) + element.removals.count(placedBy: replicas)
    }
    return count
  }

  /// How many entries it has, whoever placed them; linear in the elements.
  package var entryCount: Int {
    creations.count + deletions.count + touches.count
      + registers.reduce(0) { $0 + $1.siblings.count }
      + elements.reduce(0) { $0 + $1.adds.count + $1.removals.count }
  }

  private func deletionCount(placedBy replicas: Set<ReplicaID>) -> Int {
    deletions.count { replicas.contains($0.sibling.dot.replica) }
  }
}

extension [Sibling] {
  fileprivate func count(placedBy replicas: Set<ReplicaID>) -> Int {
    count { replicas.contains($0.dot.replica) }
  }

  /// Whether two of them hold different values.
  package var differ: Bool {
    contains { $0.content?.value != first?.content?.value }
  }
}
