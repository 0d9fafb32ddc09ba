/// What sort of object a record is; the numbers are those of the application's schema.
package struct RecordKind: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A field of a record; the numbers are those of the application's schema, per kind.
package struct FieldID: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Names one record: its kind, and 16 bytes (made) or 32 bytes (a hash of its content).
///
/// Ordered by kind, then bytes.
package struct RecordID: Hashable, Comparable, Sendable {
  package let kind: RecordKind
  package let bytes: [UInt8]

  /// Takes 16 or 32 bytes; nil for any other length.
  package init?(kind: RecordKind, bytes: [UInt8]) {
    guard bytes.count == 16 || bytes.count == 32 else { return nil }
    self.kind = kind
    self.bytes = bytes
  }

  package static func < (left: Self, right: Self) -> Bool {
    if left.kind != right.kind { return left.kind < right.kind }
    return left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// Kind (2 bytes, big-endian), then the id: injective, because the length follows from the rest.
  package var encoded: [UInt8] {
    [UInt8(kind.rawValue >> 8), UInt8(kind.rawValue & 255)] + bytes
  }

  /// Reads what ``encoded`` writes; nil for any other length.
  package init?(encoded: some Collection<UInt8>) {
    guard encoded.count > 2 else { return nil }
    let head = encoded.prefix(2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
    self.init(kind: RecordKind(rawValue: head), bytes: Array(encoded.dropFirst(2)))
  }
}
