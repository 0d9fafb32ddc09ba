import SyncProtocol

/// A message of the wire, taken apart as far as the schema says, so that any part of it can be altered
/// whether or not anything would write it so.
package struct WireTree: Hashable, Sendable {
  /// What a field holds.
  package enum Value: Hashable, Sendable {
    case number(UInt64)
    case bytes([UInt8])
    case message(WireTree)
  }

  /// A field as it stands in the bytes.
  package struct Entry: Hashable, Sendable {
    /// The field's number.
    package var number: UInt64
    /// What the field holds here.
    package var value: Value
  }

  /// The message's name in the schema.
  package var name: String
  /// Its fields in the order in which they stand.
  package var entries: [Entry]

  /// Nil for bytes that are no such message.
  package init?(_ bytes: [UInt8], as name: String, in schema: WireSchema) {
    self.name = name
    entries = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest) else { return nil }
      switch tag & 7 {
      case 0:
        guard let number = Self.varint(&rest) else { return nil }
        entries.append(Entry(number: tag >> 3, value: .number(number)))
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
        let bytes = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
        let kind = schema.fields[name]?.first { $0.number == tag >> 3 }?.kind
        entries.append(Entry(number: tag >> 3, value: Self.value(bytes, kind, schema)))
      default: return nil
      }
    }
  }

  private static func value(
    _ bytes: [UInt8], _ kind: WireSchema.Kind?, _ schema: WireSchema
  ) -> Value {
    switch kind {
    case .message(let name), .encoded(let name):
      WireTree(bytes, as: name, in: schema).map { .message($0) } ?? .bytes(bytes)
    case .number, .text, .bytes, nil: .bytes(bytes)
    }
  }

  /// The bytes; those that were read, unless something was altered.
  package var encoded: [UInt8] {
    entries.flatMap { entry -> [UInt8] in
      switch entry.value {
      case .number(let number): Self.varint(entry.number << 3) + Self.varint(number)
      case .bytes(let bytes): Self.varint(entry.number << 3 | 2) + framed(bytes)
      case .message(let tree): Self.varint(entry.number << 3 | 2) + framed(tree.encoded)
      }
    }
  }

  /// The value at a path of positions.
  package subscript(path: some Collection<Int>) -> WireTree {
    get {
      guard let first = path.first else { return self }
      guard case .message(let inner) = entries[first].value else { return self }
      return inner[path.dropFirst()]
    }
    set {
      guard let first = path.first else {
        self = newValue
        return
      }
      guard case .message(var inner) = entries[first].value else { return }
      inner[path.dropFirst()] = newValue
      entries[first].value = .message(inner)
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var out: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      out.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return out + [UInt8(rest)]
  }
}
