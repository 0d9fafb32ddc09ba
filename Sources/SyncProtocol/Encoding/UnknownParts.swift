import FoundationEssentials
import SwiftProtobuf

extension Message {
  /// Whether the message, or one inside it, has a field that this version does not know.
  ///
  /// What is signed and merged may have none (ruling 25): a newer version gives it a meaning, and
  /// two stores would make different things of it.
  var hasUnknownParts: Bool {
    var search = UnknownPartSearch()
    do { try traverse(visitor: &search) } catch { return true }
    return search.found
  }
}

/// Looks through a message for unknown fields.
private struct UnknownPartSearch: Visitor {
  var found = false

  mutating func visitUnknown(bytes: Data) { found = true }

  mutating func visitSingularMessageField<M: Message>(value: M, fieldNumber: Int) throws {
    try value.traverse(visitor: &self)
  }

  mutating func visitSingularDoubleField(value: Double, fieldNumber: Int) {}
  mutating func visitSingularInt64Field(value: Int64, fieldNumber: Int) {}
  mutating func visitSingularUInt64Field(value: UInt64, fieldNumber: Int) {}
  mutating func visitSingularBoolField(value: Bool, fieldNumber: Int) {}
  mutating func visitSingularStringField(value: String, fieldNumber: Int) {}
  mutating func visitSingularBytesField(value: Data, fieldNumber: Int) {}
  mutating func visitSingularEnumField<E: Enum>(value: E, fieldNumber: Int) {}
  mutating func visitMapField<KeyType, ValueType: MapValueType>(
    fieldType: _ProtobufMap<KeyType, ValueType>.Type,
    value: _ProtobufMap<KeyType, ValueType>.BaseType, fieldNumber: Int
  ) {}
  mutating func visitMapField<KeyType, ValueType>(
    fieldType: _ProtobufEnumMap<KeyType, ValueType>.Type,
    value: _ProtobufEnumMap<KeyType, ValueType>.BaseType, fieldNumber: Int
  ) where ValueType.RawValue == Int {}
  mutating func visitMapField<KeyType, ValueType>(
    fieldType: _ProtobufMessageMap<KeyType, ValueType>.Type,
    value: _ProtobufMessageMap<KeyType, ValueType>.BaseType, fieldNumber: Int
  ) {}
}
