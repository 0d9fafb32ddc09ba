#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A key that was pressed.
package enum Key: Hashable, Sendable {
  case character(Character)
  case enter
  case backspace
  /// Ctrl-U: takes back all of the line.
  case eraseLine
  case escape
  /// An arrow or function key, or another control character.
  case other
}

/// Reads single keys and lines from the terminal that is standard input.
package struct KeyReader: ~Copyable {
  private let saved: termios
  /// What was read and is no key yet.
  private var buffer: [UInt8] = []

  /// Takes the terminal out of line mode; nil when standard input is no terminal.
  ///
  /// Whatever ends the value that is returned puts the terminal back.
  package static func begin() -> KeyReader? {
    var modes = termios()
    guard tcgetattr(0, &modes) == 0 else { return nil }
    let reader = KeyReader(saved: modes)
    reader.readSingleKeys()
    return reader
  }

  private init(saved: termios) { self.saved = saved }

  deinit {
    var modes = saved
    tcsetattr(0, TCSANOW, &modes)
  }

  private func readSingleKeys() {
    var modes = saved
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(0, TCSANOW, &modes)
  }

  /// The next key; nil at the end of input and for Ctrl-C and Ctrl-D.
  ///
  /// Ctrl-C arrives as a key because a signal would leave the terminal without echo.
  package mutating func next() -> Key? {
    while true {
      if buffer.first == 3 || buffer.first == 4 { return nil }
      let found =
        KeyCoding.first(of: buffer, isWhole: false)
        ?? (hasMore ? nil : KeyCoding.first(of: buffer, isWhole: true))
      if let (key, count) = found {
        buffer.removeFirst(count)
        return key
      }
      guard let bytes = try? FileDescriptor.standardInput.read(atMost: 64), !bytes.isEmpty else {
        return nil
      }
      buffer += bytes
    }
  }

  /// Whether more bytes of the key at hand may be on their way: a terminal sends all of them at once, so
  /// that a moment tells an arrow key from Esc alone.
  private var hasMore: Bool {
    guard !buffer.isEmpty else { return true }
    var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, Self.momentMilliseconds) > 0
  }

  private static let momentMilliseconds: Int32 = 50

  /// How the input of a line ended.
  package enum Line: Hashable, Sendable {
    case typed(String)
    /// By Esc: whoever typed it thought better of it.
    case escaped
    /// By the end of input, Ctrl-C or Ctrl-D.
    case ended
  }

  /// Asks for a line, which is echoed as it is typed; Backspace and Ctrl-U take back, arrow keys do
  /// nothing.
  package mutating func line() -> Line {
    var text = ""
    defer { echo("\n") }
    while let key = next() {
      switch key {
      case .enter: return .typed(text)
      case .escape: return .escaped
      case .backspace:
        guard let last = text.popLast() else { continue }
        erase(DisplayWidth.of(String(last)))
      case .eraseLine:
        erase(DisplayWidth.of(text))
        text = ""
      case .character(let character):
        text.append(character)
        echo(String(character))
      case .other: continue
      }
    }
    return .ended
  }

  private func erase(_ columns: Int) {
    echo(String(repeating: "\u{8} \u{8}", count: columns))
  }

  private func echo(_ text: String) {
    try? FileDescriptor.standardError.write(text.utf8)
  }
}

/// Keys as a terminal in raw mode sends them.
enum KeyCoding {
  private static let escape: UInt8 = 0x1B

  /// The first key of these bytes and how many of them it takes; nil where it may not be whole, and for
  /// Ctrl-C and Ctrl-D, which are no keys.
  static func first(of bytes: [UInt8], isWhole: Bool) -> (Key, Int)? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 3, 4: return nil
    case 0x0A, 0x0D: return (.enter, 1)
    case 0x08, 0x7F: return (.backspace, 1)
    case 0x15: return (.eraseLine, 1)
    case escape: return sequence(bytes, isWhole)
    case ..<0x20: return (.other, 1)
    default: return character(bytes, isWhole)
    }
  }

  /// Esc alone, or a control sequence (ECMA-48 § 5.4): `ESC [`, parameters, a final byte.
  private static func sequence(_ bytes: [UInt8], _ isWhole: Bool) -> (Key, Int)? {
    guard bytes.count > 1 else { return isWhole ? (.escape, 1) : nil }
    switch bytes[1] {
    case UInt8(ascii: "["):
      if let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) {
        return (.other, end + 1)
      }
      return isWhole ? (.other, bytes.count) : nil
    case UInt8(ascii: "O"):
      return bytes.count > 2 || isWhole ? (.other, min(3, bytes.count)) : nil
    default:
      // Esc, and then something else that was typed.
      return (.escape, 1)
    }
  }

  private static func character(_ bytes: [UInt8], _ isWhole: Bool) -> (Key, Int)? {
    let count =
      switch bytes[0] {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    guard bytes.count >= count else { return isWhole ? (.other, bytes.count) : nil }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    guard count > 1 || bytes[0] < 0x80, text.unicodeScalars.count == 1, let only = text.first else {
      return (.other, count)
    }
    return (.character(only), count)
  }
}
