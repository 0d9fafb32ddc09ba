import Foundation

/// A JSON value as a script sees it: read by Foundation, not by this package's own parser.
package enum JSON: Hashable, Sendable, Decodable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  case items([JSON])
  case members([String: JSON])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .items(value)
    } else {
      self = .members(try container.decode([String: JSON].self))
    }
  }

  /// Reads one value with nothing behind it.
  package init(parsing bytes: [UInt8]) throws {
    self = try JSONDecoder().decode(JSON.self, from: Data(bytes))
  }

  /// A member of an object; nil where there is none.
  package subscript(_ name: String) -> JSON? {
    if case .members(let members) = self { members[name] } else { nil }
  }

  /// An element of an array; nil where there is none.
  package subscript(_ index: Int) -> JSON? {
    if case .items(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  /// The text; nil for anything else.
  package var text: String? { if case .text(let value) = self { value } else { nil } }

  /// The integer; nil for anything else.
  package var int: Int? { if case .int(let value) = self { value } else { nil } }

  /// The number; nil for anything else.
  package var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The truth value; nil for anything else.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements; none for anything else.
  package var items: [JSON] { if case .items(let value) = self { value } else { [] } }

  /// The members; none for anything else.
  package var members: [String: JSON] {
    if case .members(let value) = self { value } else { [:] }
  }

  /// Whether it is null.
  package var isNull: Bool { self == .null }
}
