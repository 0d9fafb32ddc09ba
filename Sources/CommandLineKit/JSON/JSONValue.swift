/// A JSON value to be written; the members of an object keep their order.
package indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number by its text, such as `0.85`, which must be as JSON writes numbers: no floating point
  /// stands between a stored decimal and its output.
  case decimal(String)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(members) }
}

extension JSONValue {
  /// A string, or null.
  package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

  /// A number; traps for one that no `Int` holds, which no count here reaches.
  package init(_ number: some BinaryInteger) { self = .integer(Int(number)) }

  /// A number, or null.
  package init<Number: BinaryInteger>(_ number: Number?) {
    self = number.map { .integer(Int($0)) } ?? .null
  }

  /// A truth value, or null.
  package init(_ value: Bool?) { self = value.map(JSONValue.bool) ?? .null }

  /// An array of strings.
  package init(_ texts: [String]) { self = .array(texts.map(JSONValue.string)) }

  /// The members of an object, and nothing for any other value.
  package var members: [(String, JSONValue)] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The same object with further members at its end.
  package func adding(_ more: [(String, JSONValue)]) -> JSONValue { .object(members + more) }
}
