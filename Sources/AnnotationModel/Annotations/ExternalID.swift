package import MergeCore

/// Why text cannot name a record in a script.
package enum ExternalIDError: Error, Hashable, Sendable {
  /// The text is empty.
  case empty
  /// The text has `bytes` bytes of UTF-8, more than `AnnotationLimits.externalIDBytes`.
  case tooLong(bytes: Int)
  /// The text holds a U+0000, at which databases and terminals end a text.
  case null
}

/// A name that a script gives to a record: a UUID, or any other text.
package enum ExternalID: Hashable, Sendable {
  /// The 16 bytes of a UUID, taken as they are.
  case uuid([UInt8])
  /// The UTF-8 bytes of anything else, to be mapped.
  case name([UInt8])

  /// Reads what a script gave: 1 to `AnnotationLimits.externalIDBytes` bytes of UTF-8, none of them zero.
  package init(_ text: String) throws(ExternalIDError) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= AnnotationLimits.externalIDBytes else {
      throw .tooLong(bytes: bytes.count)
    }
    guard !bytes.contains(0) else { throw .null }
    self = RecordUUID.bytes(of: text).map(Self.uuid) ?? .name(bytes)
  }

  private static let domain = Array("hashiya/external-id/1".utf8)

  /// The record of a kind that is named by 16 bytes.
  ///
  /// A name is mapped to a UUIDv8 (RFC 9562, section 5.8): the first 16 bytes, version and variant
  /// written over, of SHA-256 over the domain, the kind (2 bytes, big-endian), the number of bytes
  /// of the namespace (4 bytes, big-endian), the namespace and the name. So the same name means the
  /// same record in every store that uses the namespace, and another record for another kind.
  package func record(kind: RecordKind, namespace: [UInt8]) -> RecordID {
    let bytes =
      switch self {
      case .uuid(let bytes): bytes
      case .name(let name): Self.mapped(name, kind: kind, namespace: namespace)
      }
    guard let record = RecordID(kind: kind, bytes: bytes) else {
      preconditionFailure("a record may be named by 16 bytes")
    }
    return record
  }

  private static func mapped(_ name: [UInt8], kind: RecordKind, namespace: [UInt8]) -> [UInt8] {
    let count = UInt32(namespace.count)
    var hashed = domain
    hashed += [UInt8(kind.rawValue >> 8), UInt8(kind.rawValue & 0xFF)]
    hashed += (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) }
    hashed += namespace + name
    return RecordUUID.marked(Array(sha256(hashed).bytes.prefix(RecordUUID.byteCount)), version: 8)
  }
}
