/// One non-empty line of a note, without its newline: valid UTF-8 and free of ASCII control
/// characters ([signed-note § Format](https://c2sp.org/signed-note#format)).
///
/// Lines are equal when their bytes are. `String` also equates other spellings of the same
/// characters, and a log's identity must not depend on that.
package struct NoteLine: Hashable, Sendable {
  /// The line as text.
  package let text: String

  /// The line `text`; nil when it is empty or has a control character.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 }) else { return nil }
    self.text = text
  }

  /// The line with these bytes; nil when they are none, not UTF-8 or have a control character.
  package init?(bytes: some Sequence<UInt8>) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    self.init(text)
  }

  /// The line as UTF-8.
  package var bytes: [UInt8] { Array(text.utf8) }

  package static func == (left: NoteLine, right: NoteLine) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(bytes)
  }
}

/// The name of a key that signs notes: a line without Unicode spaces and without `+`
/// ([signed-note § Format](https://c2sp.org/signed-note#format)).
///
/// It should be a URL without its scheme, such as `example.com/log`. Names are equal when their
/// bytes are.
package struct KeyName: Hashable, Sendable {
  /// The name as a line of a note: for a log, usually also the origin of its checkpoints.
  package let line: NoteLine

  /// The name `text`; nil when it is empty or has a space, a `+` or a control character.
  package init?(_ text: String) {
    guard let line = NoteLine(text), Self.isValid(line) else { return nil }
    self.line = line
  }

  /// The name with these bytes; nil when they are not UTF-8 or `init(_:)` would refuse them.
  package init?(bytes: some Sequence<UInt8>) {
    guard let line = NoteLine(bytes: bytes), Self.isValid(line) else { return nil }
    self.line = line
  }

  /// The name as text.
  package var text: String { line.text }

  private static func isValid(_ line: NoteLine) -> Bool {
    line.text.unicodeScalars.allSatisfy { $0 != "+" && !$0.properties.isWhitespace }
  }
}

extension NoteLine: CustomStringConvertible {
  package var description: String { text }
}

extension KeyName: CustomStringConvertible {
  package var description: String { text }
}
