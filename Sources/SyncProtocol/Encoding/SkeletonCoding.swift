import FoundationEssentials
package import MergeCore
import SwiftProtobuf

/// One operation as its author made it: the bytes are still there to be committed to.
package struct DraftOperation: Sendable {
  package enum Action: Sendable {
    /// Makes a record; the content is what a content-named record's id is the hash of.
    case create([UInt8]?)
    case write(FieldID, [UInt8])
    case add(FieldID, [UInt8])
    case remove(FieldID, [UInt8])
    case delete
    case restore
    case touch
    /// Brings back what the undone change took, as these changes wrote it.
    case writeBack(FieldID, [ChangeIdentity])
    /// With the place of the undone operation among those on the record.
    case addBack(FieldID, undone: Int, [ChangeIdentity])
    case deleteBack([ChangeIdentity])
  }

  package var record: RecordID
  package var action: Action
  package var against: VectorClock?
  /// The reason of a resolution, UTF-8; nil for any other operation.
  package var reason: String?

  package init(
    _ record: RecordID, _ action: Action, against: VectorClock? = nil, reason: String? = nil
  ) {
    self.record = record
    self.action = action
    self.against = against
    self.reason = reason
  }

  /// The operation's contents in the order in which the change lists them.
  package var contents: [[UInt8]] {
    let value: [UInt8]? =
      switch action {
      case .create(let content): content
      case .write(_, let value), .add(_, let value), .remove(_, let value): value
      case .delete, .restore, .touch, .writeBack, .addBack, .deleteBack: nil
      }
    return (value.map { [$0] } ?? []) + (reason.map { [Array($0.utf8)] } ?? [])
  }
}

/// A change before it is sealed: its skeleton and contents.
package struct DraftChange: Sendable {
  /// Nil when it equals that of the preceding change.
  package var context: SignedContext?
  /// The author's claimed time, milliseconds since 1970.
  package var time: Int64
  package var operations: [DraftOperation]
  package var act: WireAct?
  /// The change that it takes back.
  package var undoes: ChangeIdentity?

  package init(
    context: SignedContext?, time: Int64, operations: [DraftOperation] = [], act: WireAct? = nil,
    undoes: ChangeIdentity? = nil
  ) {
    self.undoes = undoes
    self.context = context
    self.time = time
    self.operations = operations
    self.act = act
  }

  /// The skeleton's bytes; they are hashed, so they are made once and kept.
  package var skeleton: [UInt8] {
    var wire = WireSkeleton()
    if let context { wire.context = context.wire }
    wire.time = time
    wire.operations = operations.map(\.wire)
    if let act { wire.act = act }
    if let undoes { wire.undoes = undoes.wire }
    return encodedBytes(wire)
  }

  package var contents: [[UInt8]] { operations.flatMap(\.contents) }
}

/// The bytes of a message that this project made; every required part is set, so it cannot fail.
func encodedBytes(_ message: some Message) -> [UInt8] {
  do {
    return try message.serializedBytes()
  } catch {
    preconditionFailure("a message without required fields always encodes: \(error)")
  }
}

extension DraftOperation {
  fileprivate var wire: WireOperation {
    var wire = WireOperation()
    wire.kind = UInt32(record.kind.rawValue)
    wire.id = Data(record.bytes)
    switch action {
    case .create: wire.type = .create
    case .write(let field, _): (wire.type, wire.field) = (.write, UInt32(field.rawValue))
    case .add(let field, _): (wire.type, wire.field) = (.add, UInt32(field.rawValue))
    case .remove(let field, _): (wire.type, wire.field) = (.remove, UInt32(field.rawValue))
    case .delete: wire.type = .delete
    case .restore: wire.type = .restore
    case .touch: wire.type = .touch
    case .writeBack(let field, let cited):
      (wire.type, wire.field, wire.cites) = (.write, UInt32(field.rawValue), cited.map(\.wire))
    case .addBack(let field, let place, let cited):
      (wire.type, wire.field, wire.cites) = (.add, UInt32(field.rawValue), cited.map(\.wire))
      wire.undonePlace = UInt32(place)
    case .deleteBack(let cited): (wire.type, wire.cites) = (.delete, cited.map(\.wire))
    }
    if let against { wire.against = against.wire }
    wire.resolution = reason != nil
    return wire
  }
}
