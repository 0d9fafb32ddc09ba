extension JSONValue {
  /// The value on one line, without a line feed (RFC 8259).
  ///
  /// Every character stays UTF-8, Arabic and emoji included; only what RFC 8259, section 7, demands is
  /// escaped, and besides it what a terminal, JavaScript or a line-wise reader would take for something
  /// else: DEL, C1 controls, U+2028 and U+2029.
  package var text: String {
    var writer = JSONWriter(indentation: nil)
    writer.write(self, depth: 0)
    return writer.text
  }

  /// The value on several lines with two spaces a level, ended by a line feed.
  ///
  /// Arrays and objects that hold no others and fit a line stay on one.
  package var prettyText: String {
    var writer = JSONWriter(indentation: 2)
    writer.write(self, depth: 0)
    return writer.text + "\n"
  }
}

private struct JSONWriter {
  let indentation: Int?
  private(set) var text = ""

  private static let columns = 80

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let number): text += String(number)
    case .decimal(let number): text += number
    case .string(let string): write(string)
    case .array(let elements):
      if writeFlat(value, depth: depth) { return }
      write(elements, between: ("[", "]"), depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let members):
      if writeFlat(value, depth: depth) { return }
      write(members, between: ("{", "}"), depth: depth) { writer, member in
        writer.write(member.0)
        writer.text += writer.indentation == nil ? ":" : ": "
        writer.write(member.1, depth: depth + 1)
      }
    }
  }

  private mutating func write<Element>(
    _ elements: [Element], between brackets: (String, String), depth: Int,
    _ writeElement: (inout JSONWriter, Element) -> Void
  ) {
    text += brackets.0
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      breakLine(depth: depth + 1)
      writeElement(&self, element)
    }
    if !elements.isEmpty { breakLine(depth: depth) }
    text += brackets.1
  }

  private mutating func breakLine(depth: Int) {
    guard let indentation else { return }
    text += "\n" + String(repeating: " ", count: indentation * depth)
  }

  /// Writes a small value on the current line when lines are otherwise broken.
  private mutating func writeFlat(_ value: JSONValue, depth: Int) -> Bool {
    guard let indentation, depth > 0, value.isShallow else { return false }
    let flat = value.text
    guard flat.utf8.count + indentation * depth < Self.columns else { return false }
    text += flat
    return true
  }

  private mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "\\\""
      case 0x5C: text += "\\\\"
      case 0x08: text += "\\b"
      case 0x09: text += "\\t"
      case 0x0A: text += "\\n"
      case 0x0C: text += "\\f"
      case 0x0D: text += "\\r"
      case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029:
        text += "\\u" + String(scalar.value, radix: 16).leftPadded(to: 4, with: "0")
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue {
  fileprivate var isShallow: Bool {
    switch self {
    case .array(let elements): elements.allSatisfy { !$0.isContainer || $0.isNumberPair }
    case .object(let members): members.allSatisfy { !$0.1.isContainer }
    default: true
    }
  }

  private var isContainer: Bool {
    switch self {
    case .array(let elements): !elements.isEmpty
    case .object(let members): !members.isEmpty
    default: false
    }
  }

  private var isNumberPair: Bool {
    guard case .array(let elements) = self, elements.count == 2 else { return false }
    return elements.allSatisfy { if case .integer = $0 { true } else { false } }
  }
}
