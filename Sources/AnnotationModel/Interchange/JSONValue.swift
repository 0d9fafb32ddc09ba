/// A JSON value (RFC 8259) as it was written.
///
/// Numbers keep their text, so that 0.1 never becomes a binary fraction; objects keep their order.
/// It is not `Equatable`, because strings would compare by canonical equivalence.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])
}

/// One name with its value in a JSON object.
package struct JSONMember: Sendable {
  package let name: String
  package let value: JSONValue
}

/// Why a line is not one JSON value.
///
/// Offsets count bytes of the line, from 0.
package enum JSONError: Error, Hashable, Sendable {
  /// The line has `bytes` bytes, more than `AnnotationLimits.batchLineBytes`.
  case tooLong(bytes: Int)
  /// The bytes at this offset are not UTF-8.
  case notUTF8(offset: Int)
  /// Nothing that JSON allows here begins at this offset, which may be the end of the line.
  case unexpected(offset: Int)
  /// More than `AnnotationLimits.jsonDepth` arrays and objects enclose one another.
  case tooDeep(offset: Int)
  /// A string escapes half of a surrogate pair, which is no code point.
  case loneSurrogate(offset: Int)
  /// An object has this name twice, so which value is meant depends on the reader.
  case duplicateName(String)
}

extension JSONValue {
  /// Reads one JSON value with nothing but white space around it; linear in the number of bytes.
  ///
  /// Foundation's decoders were rejected: they take the last of two equal names, read numbers as
  /// binary fractions, and bring Foundation into the program. Strict as RFC 8259 with I-JSON's (RFC
  /// 7493) ban on duplicate names and lone surrogates.
  package init(parsing line: some RandomAccessCollection<UInt8>) throws(JSONError) {
    guard line.count <= AnnotationLimits.batchLineBytes else {
      throw .tooLong(bytes: line.count)
    }
    var parser = JSONParser(Array(line))
    self = try parser.document()
  }

  /// What kind of value it is, for messages.
  package var type: JSONType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }
}

/// The kinds of JSON values.
package enum JSONType: Hashable, Sendable {
  case null, bool, number, string, array, object
}
