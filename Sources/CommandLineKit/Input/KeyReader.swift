#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads single keys and lines from the terminal that is standard input.
package struct KeyReader: ~Copyable {
  private let saved: termios

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

  deinit { restore() }

  /// The next key; nil at the end of input and for Ctrl-C and Ctrl-D.
  ///
  /// Ctrl-C arrives as a key because a signal would leave the terminal without echo.
  package func next() -> Character? {
    guard let bytes = try? FileDescriptor.standardInput.read(atMost: 16), let first = bytes.first,
      first != 3, first != 4
    else { return nil }
    return String(decoding: bytes, as: UTF8.self).first
  }

  /// Asks for a line with echo and editing; nil at the end of input.
  package func line() -> String? {
    restore()
    defer { readSingleKeys() }
    return readLine(strippingNewline: true)
  }

  private func readSingleKeys() {
    var modes = saved
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(0, TCSANOW, &modes)
  }

  private func restore() {
    var modes = saved
    tcsetattr(0, TCSANOW, &modes)
  }
}
