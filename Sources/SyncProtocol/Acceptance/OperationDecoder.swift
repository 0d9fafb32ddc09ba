import MergeCore
import SwiftProtobuf

/// Reads the operations of one change and checks them against the schema.
struct OperationDecoder {
  let counter: Counter
  let schema: Schema
  /// Whether the change takes another back.
  let undoes: Bool

  /// The operations, with contents assigned in order: an operation's value, then its reason.
  func operations(of skeleton: WireSkeleton, contents: [ReceivedContent]) throws(Refusal)
    -> [Operation]
  {
    guard skeleton.operations.count <= Limits.changeOperationsMax else {
      throw Refusal(
        .overLimit, counter, "a change has at most \(Limits.changeOperationsMax) operations")
    }
    var rest = contents[...]
    var operations: [Operation] = []
    for wire in skeleton.operations { operations.append(try operation(wire, &rest)) }
    guard rest.isEmpty else { throw malformed("there are more contents than operations use") }
    try checkOncePerField(operations)
    try checkTouches(operations)
    return operations
  }

  private func operation(_ wire: WireOperation, _ rest: inout ArraySlice<ReceivedContent>)
    throws(Refusal) -> Operation
  {
    guard wire.unknownFields.data.isEmpty, let kind = UInt16(exactly: wire.kind),
      let known = schema.kinds[RecordKind(rawValue: kind)]
    else { throw Refusal(.unknownOperation, counter, "record kind \(wire.kind) is unknown") }
    guard wire.id.count == known.idByteCount,
      let record = RecordID(kind: RecordKind(rawValue: kind), bytes: wire.id.array)
    else { throw malformed("an id of kind \(kind) has \(known.idByteCount) bytes") }

    var against: VectorClock?
    if wire.hasAgainst {
      guard wire.against.entries.count <= Limits.clockEntriesMax else {
        throw Refusal(.overLimit, counter, "a clock has at most \(Limits.clockEntriesMax) entries")
      }
      guard let clock = VectorClock(wire.against) else {
        throw malformed("a clock lists replicas ascending, each once")
      }
      against = clock
    }
    let cites = try cites(of: wire)
    guard cites.isEmpty || (undoes && against == nil) else {
      throw Refusal(
        .badOperation, counter, "only a change that undoes cites, and without a clock of its own")
    }
    let action =
      try cites.isEmpty ? action(wire, known, record, &rest) : returningAction(wire, known)
    guard wire.undonePlace == 0 || action.namesPlace else {
      throw Refusal(
        .badOperation, counter, "only what brings an element back names an operation's place")
    }
    if wire.resolution {
      guard action.mayResolve else {
        throw Refusal(.badOperation, counter, "an operation of this type resolves nothing")
      }
      _ = try content(&rest)
    }
    return Operation(
      record, action, against: against, isResolution: wire.resolution, cites: cites)
  }

  private func cites(of wire: WireOperation) throws(Refusal) -> [ChangeIdentity] {
    guard wire.cites.count <= Limits.citesMax else {
      throw Refusal(
        .overLimit, counter, "an operation brings back at most \(Limits.citesMax) values")
    }
    var cites: [ChangeIdentity] = []
    for name in wire.cites {
      guard let cited = ChangeIdentity(name), cites.last.map({ $0 < cited }) ?? true else {
        throw malformed("an operation cites changes ascending, each once")
      }
      cites.append(cited)
    }
    return cites
  }

  /// An operation that brings back has no content: the changes that it cites have it.
  private func returningAction(_ wire: WireOperation, _ kind: Schema.Kind) throws(Refusal) -> Action
  {
    switch wire.type {
    case .write: return .writeBack(try field(wire, kind, .register))
    case .add:
      guard wire.undonePlace < Limits.changeOperationsMax else {
        throw Refusal(.badOperation, counter, "no change has so many operations")
      }
      return .addBack(try field(wire, kind, .set), undone: Int(wire.undonePlace))
    case .delete where wire.field == 0: return .deleteBack
    case .create, .remove, .delete, .restore, .touch:
      throw Refusal(.badOperation, counter, "an operation of this type brings nothing back")
    case .unspecified, .UNRECOGNIZED:
      throw Refusal(.unknownOperation, counter, "operation \(wire.type.rawValue) is unknown")
    }
  }

  private func action(
    _ wire: WireOperation, _ kind: Schema.Kind, _ record: RecordID,
    _ rest: inout ArraySlice<ReceivedContent>
  ) throws(Refusal) -> Action {
    switch wire.type {
    case .create, .delete, .restore, .touch:
      guard wire.field == 0 else {
        throw Refusal(.badOperation, counter, "an operation on a whole record names no field")
      }
    case .write, .add, .remove, .unspecified, .UNRECOGNIZED: break
    }
    switch wire.type {
    case .create:
      guard kind.createsWithContent else { return .create(nil) }
      if let bytes = rest.first?.value, !kind.isID(record.bytes, bytes) {
        throw Refusal(.badOperation, counter, "the record's id is not the hash of its content")
      }
      return .create(try content(&rest))
    case .write: return .write(try field(wire, kind, .register), try content(&rest))
    case .add: return .add(try field(wire, kind, .set), try content(&rest))
    case .remove: return .remove(try field(wire, kind, .set), try content(&rest))
    case .delete: return .delete
    case .restore: return .restore
    case .touch: return .touch
    case .unspecified, .UNRECOGNIZED:
      throw Refusal(.unknownOperation, counter, "operation \(wire.type.rawValue) is unknown")
    }
  }

  private func field(_ wire: WireOperation, _ kind: Schema.Kind, _ type: MergeCore.FieldType)
    throws(Refusal) -> FieldID
  {
    guard let number = UInt16(exactly: wire.field),
      let known = kind.fields[FieldID(rawValue: number)]
    else {
      throw Refusal(
        .unknownOperation, counter, "field \(wire.field) of kind \(wire.kind) is unknown")
    }
    guard known == type else {
      throw Refusal(
        .badOperation, counter, "field \(number) of kind \(wire.kind) is of another type")
    }
    return FieldID(rawValue: number)
  }

  /// The next content, in the merge's terms.
  ///
  /// A withdrawn one has its commitment for a value, so that it equals nothing else.
  private func content(_ rest: inout ArraySlice<ReceivedContent>) throws(Refusal) -> Content {
    guard let next = rest.popFirst() else { throw malformed("a content is missing") }
    guard (next.value?.count ?? 0) <= Limits.contentBytesMax else {
      throw Refusal(.overLimit, counter, "a content has at most \(Limits.contentBytesMax) bytes")
    }
    let value = next.value.map(DomainHash.plain) ?? next.commitment
    return Content(commitment: next.commitment, value: value)
  }

  private func checkOncePerField(_ operations: [Operation]) throws(Refusal) {
    var seen = Set<Target>()
    var deleted = Set<RecordID>()
    var kept = Set<RecordID>()
    for operation in operations {
      guard seen.insert(Target(operation)).inserted else {
        throw Refusal(.badOperation, counter, "a change writes a field once")
      }
      if operation.action.isDelete {
        deleted.insert(operation.record)
      } else {
        kept.insert(operation.record)
      }
    }
    guard deleted.isDisjoint(with: kept) else {
      throw Refusal(.badOperation, counter, "a change that deletes a record does only that to it")
    }
  }

  /// Creating a record touches what it hangs on (ruling 7).
  private func checkTouches(_ operations: [Operation]) throws(Refusal) {
    let touched = operations.filter { $0.action == .touch }.count
    let needed = operations.reduce(0) { sum, operation in
      guard case .create = operation.action else { return sum }
      return max(sum, schema.kinds[operation.record.kind]?.touchesAtCreation ?? 0)
    }
    guard touched >= needed else {
      throw Refusal(.badOperation, counter, "creating a record touches what it hangs on")
    }
  }

  private func malformed(_ detail: String) -> Refusal { Refusal(.malformed, counter, detail) }
}

extension Action {
  /// Whether it says which operation of the undone change it takes back.
  fileprivate var namesPlace: Bool {
    if case .addBack = self { true } else { false }
  }

  /// Whether it can settle a conflict: of a register, or of the lifecycle.
  fileprivate var mayResolve: Bool {
    switch self {
    case .write, .delete, .restore: true
    case .create, .add, .remove, .touch, .writeBack, .addBack, .deleteBack: false
    }
  }
}

/// What a change may do once: write a register, do something to an element, and so on.
private struct Target: Hashable {
  let record: RecordID
  let part: Int
  let field: FieldID?
  let element: Digest256?
  /// What stands for an element that is to come back.
  let undonePlace: Int?

  init(_ operation: Operation) {
    record = operation.record
    if case .addBack(_, let place) = operation.action {
      undonePlace = place
    } else {
      undonePlace = nil
    }
    switch operation.action {
    case .create: (part, field, element) = (0, nil, nil)
    case .write(let name, _), .writeBack(let name): (part, field, element) = (1, name, nil)
    case .add(let name, let content), .remove(let name, let content):
      (part, field, element) = (2, name, content.value)
    case .delete, .restore, .deleteBack: (part, field, element) = (3, nil, nil)
    case .touch: (part, field, element) = (4, nil, nil)
    case .addBack(let name, _): (part, field, element) = (5, name, nil)
    }
  }
}
