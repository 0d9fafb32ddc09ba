/// A content as the merge sees it: never the bytes, only what commits to them and what tells two
/// apart.
package struct Content: Hashable, Sendable {
  /// The salted commitment that the author's chain covers.
  package var commitment: Digest256
  /// SHA-256 of the bytes: two contents are equal when these are.
  package var value: Digest256

  package init(commitment: Digest256, value: Digest256) {
    self.commitment = commitment
    self.value = value
  }
}

/// What an operation does to its record.
package enum Action: Hashable, Sendable {
  /// Makes the record; the content is what a content-named record's id is the hash of.
  case create(Content?)
  /// Writes a register.
  case write(FieldID, Content)
  /// Adds an element to a set.
  case add(FieldID, Content)
  /// Removes an element from a set.
  case remove(FieldID, Content)
  case delete
  /// Spends the deletes it covers.
  case restore
  /// Somebody hung a new record on this one.
  case touch
  /// Writes a register with what the undone change took from it, as its authors' values.
  case writeBack(FieldID)
  /// Adds the element to a set that an operation of the undone change took away, as those who had
  /// added it. The operation is named by its place among those that the undone change made on the
  /// record, from 0: that tells one element from another, and nothing of its value.
  case addBack(FieldID, undone: Int)
  /// Deletes as those did whose deletes the undone change spent.
  case deleteBack

  /// The part whose history says what comes back; nil for what brings nothing back.
  package var returningPart: RecordPart? {
    switch self {
    case .writeBack(let field), .addBack(let field, _): .field(field)
    case .deleteBack: .lifecycle
    case .create, .write, .add, .remove, .delete, .restore, .touch: nil
    }
  }

  /// Which operation of the undone change it takes back, where the part alone does not say.
  var undonePlace: Int? {
    if case .addBack(_, let place) = self { place } else { nil }
  }

  /// Whether it deletes the record.
  package var isDelete: Bool { self == .delete || self == .deleteBack }
}

/// One step of a change, on one record.
package struct Operation: Hashable, Sendable {
  package var record: RecordID
  package var action: Action
  /// The record's clock as it was shown, when the author saved an older form; nil for everything
  /// that the author had received.
  package var against: VectorClock?
  /// Whether a person settled a conflict by it and gave a reason.
  package var isResolution: Bool
  /// The changes whose values come back, ascending; empty unless the action brings back.
  package var cites: [ChangeIdentity]
  /// Those values, once they are found; an operation that brings back does nothing without.
  package var returned: Returned?

  package init(
    _ record: RecordID, _ action: Action, against: VectorClock? = nil, isResolution: Bool = false,
    cites: [ChangeIdentity] = []
  ) {
    self.record = record
    self.action = action
    self.against = against
    self.isResolution = isResolution
    self.cites = cites
  }

  /// The element of a set that it adds or removes; nil for anything else, and for one that is to come
  /// back and was not found.
  package var element: (field: FieldID, value: Digest256)? {
    switch action {
    case .add(let field, let content), .remove(let field, let content): (field, content.value)
    case .addBack(let field, _): returned?.element.map { (field, $0) }
    case .create, .write, .delete, .restore, .touch, .writeBack, .deleteBack: nil
    }
  }
}

/// What a change is, whoever carries it: its first dot, and its chain hash there (ruling 11).
package struct ChangeIdentity: Hashable, Comparable, Sendable {
  package var origin: Dot
  package var chainHash: Digest256

  package init(origin: Dot, chainHash: Digest256) {
    self.origin = origin
    self.chainHash = chainHash
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.origin, left.chainHash) < (right.origin, right.chainHash)
  }
}

/// One atomic edit, as the merge takes it.
package struct Change: Sendable {
  package var identity: ChangeIdentity
  /// The dot that brings it, and where: the identity's own dot unless it was reissued.
  package var carrier: Carrier
  package var context: CausalContext
  /// The author's claimed wall time, in milliseconds since 1970: decides what is shown first, and
  /// nothing else.
  package var time: Int64
  package var operations: [Operation]
  /// The change that this one takes back, one of the same member's.
  package var undoes: ChangeIdentity?

  package init(
    identity: ChangeIdentity, carrier: Carrier, context: CausalContext, time: Int64,
    operations: [Operation], undoes: ChangeIdentity? = nil
  ) {
    self.undoes = undoes
    self.identity = identity
    self.carrier = carrier
    self.context = context
    self.time = time
    self.operations = operations
  }
}
