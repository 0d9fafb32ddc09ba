import SimulationKit

/// What a JSON value must look like, so that scripts can depend on it.
indirect enum Shape: Sendable {
  /// Text, of any words.
  case text
  /// One of these texts.
  case word([String])
  case int
  case number
  case bool
  /// Lowercase hexadecimal of so many digits.
  case hex(Int)
  /// Base64 of so many bytes.
  case base64(bytes: Int)
  /// `REPLICA:COUNTER`.
  case dot
  /// RFC 3339 in UTC, with milliseconds.
  case time
  case null
  case orNull(Shape)
  case either(Shape, Shape)
  case array(Shape)
  /// At least these members.
  case object([String: Shape])
  /// `{REPLICA:COUNTER}`, with counters from 1.
  case vector
  /// The same, with at least one entry.
  case knownVector
  case any
}

extension Shape {
  /// What in a value is not of this shape; empty when it is.
  func mismatches(_ json: JSON?, at path: String = "$") -> [String] {
    guard let json else { return ["\(path) is missing"] }
    switch self {
    case .any: return []
    case .orNull(let shape): return json.isNull ? [] : shape.mismatches(json, at: path)
    case .either(let one, let other):
      let mismatches = one.mismatches(json, at: path)
      return mismatches.isEmpty || other.mismatches(json, at: path).isEmpty ? [] : mismatches
    case .array(let shape):
      guard case .items(let items) = json else { return ["\(path) is no array: \(json)"] }
      return items.enumerated().flatMap { shape.mismatches($1, at: "\(path)[\($0)]") }
    case .object(let shapes):
      guard case .members(let members) = json else { return ["\(path) is no object: \(json)"] }
      return shapes.sorted { $0.key < $1.key }
        .flatMap { $1.mismatches(members[$0], at: "\(path).\($0)") }
    case .vector: return Self.vectorMismatches(json, at: path)
    case .knownVector:
      return json.members.isEmpty
        ? ["\(path) knows nothing: \(json)"] : Self.vectorMismatches(json, at: path)
    default: return matchesScalar(json) ? [] : ["\(path) is not \(self): \(json)"]
    }
  }

  private func matchesScalar(_ json: JSON) -> Bool {
    switch self {
    case .text: json.text != nil
    case .word(let words): json.text.map(words.contains) ?? false
    case .int: json.int != nil
    case .number: json.number != nil
    case .bool: json.bool != nil
    case .hex(let digits): json.text.map { $0.utf8.count == digits && $0.isLowercaseHex } ?? false
    case .base64(let bytes):
      json.text.flatMap { base64Bytes($0) }.map { $0.count == bytes } ?? false
    case .dot: json.text.map(Self.isDot) ?? false
    case .time:
      json.text.map {
        $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil
      } ?? false
    case .null: json.isNull
    case .any, .orNull, .either, .array, .object, .vector, .knownVector: false
    }
  }

  private static func isDot(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].utf8.count == 32 && String(parts[0]).isLowercaseHex
      && (UInt64(parts[1]) ?? 0) > 0
  }

  private static func vectorMismatches(_ json: JSON, at path: String) -> [String] {
    guard case .members(let members) = json else { return ["\(path) is no object: \(json)"] }
    return members.filter { !isDot("\($0.key):\($0.value.int ?? 0)") }
      .map { "\(path) has the entry \($0.key): \($0.value)" }
  }
}

extension String {
  fileprivate var isLowercaseHex: Bool {
    utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
