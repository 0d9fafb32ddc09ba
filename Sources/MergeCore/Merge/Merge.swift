/// What merging one change into one record did.
package struct MergeOutcome: Sendable {
  /// One decision an operation, in the operations' order; one more, on the lifecycle, after an
  /// operation that keeps the record alive against a delete.
  package var decisions: [MergeDecision] = []
  /// What the state digest gains.
  package var added: [DigestElement] = []
  /// What the state digest loses.
  package var removed: [DigestElement] = []
  /// What undoing will have to know of it.
  package var partOperations: [PartOperation] = []
}

/// The version of the rules in this folder; leaves, batches and state digests name it.
package let mergeRulesVersion: UInt32 = 1

extension RecordState {
  /// Merges the operations that `change` makes on this record.
  ///
  /// The one merge, used by the local store, the server and the auditor: `(state, change) → (state,
  /// decisions)`. The change must be new to the record; one that is known under another dot goes to
  /// ``absorb(_:as:into:)``. Work is linear in the siblings, adds of the same element, deletes
  /// and replicas of this one record, and logarithmic in its elements.
  ///
  /// - Precondition: every operation is on `record`, and the schema's rules were checked.
  package mutating func merge(_ change: Change, into record: RecordID) -> MergeOutcome {
    var merge = RecordMerge(state: self, change: change, record: record)
    // Held once, it is altered in place.
    self = RecordState()
    let operations = change.operations.filter { $0.record == record }
    for (place, operation) in operations.enumerated() { merge.apply(operation, at: place) }
    merge.state.clock.include(change.carrier.dot)
    self = merge.state
    return merge.outcome
  }

  /// Records that a change merged before has appeared again under another dot (ruling 11).
  ///
  /// From now on a context or clock that holds either dot covers it; values and digest stay.
  package mutating func absorb(
    _ identity: ChangeIdentity, as carrier: Carrier, into record: RecordID
  ) -> MergeOutcome {
    clock.include(carrier.dot)
    forEachCarriers(of: identity) { carriers in
      if !carriers.contains(carrier) { carriers.append(carrier) }
    }
    let decision = MergeDecision(
      record: record, subject: .record, rule: .absorbed, concurrent: [identity.origin])
    return MergeOutcome(decisions: [decision])
  }

  private mutating func forEachCarriers(
    of identity: ChangeIdentity, _ body: (inout [Carrier]) -> Void
  ) {
    for index in creations.indices where creations[index].identity == identity {
      body(&creations[index].carriers)
    }
    for index in registers.indices {
      registers[index].siblings.forEachCarriers(of: identity, body)
    }
    for index in elements.indices {
      elements[index].adds.forEachCarriers(of: identity, body)
      elements[index].removals.forEachCarriers(of: identity, body)
    }
    for index in deletions.indices where deletions[index].sibling.identity == identity {
      body(&deletions[index].sibling.carriers)
    }
    for index in touches.indices where touches[index].identity == identity {
      body(&touches[index].carriers)
    }
  }
}

extension [Sibling] {
  fileprivate mutating func forEachCarriers(
    of identity: ChangeIdentity, _ body: (inout [Carrier]) -> Void
  ) {
    for index in indices where self[index].identity == identity { body(&self[index].carriers) }
  }

  /// Inserts in identity order; of one change's by what is brought back.
  mutating func insertInOrder(_ sibling: Sibling) {
    let index = firstIndex { sibling.order < $0.order } ?? endIndex
    insert(sibling, at: index)
  }
}

extension Sibling {
  /// The place among others.
  var order: (ChangeIdentity, ChangeIdentity) { (identity, source) }
}
