#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a command's words go: results to standard output, messages to standard error.
package struct Console: Sendable {
  /// Whether results are JSON.
  package let isJSON: Bool
  /// Whether messages and progress are left out; results, warnings and errors never are.
  package let isQuiet: Bool
  /// What standard output can show.
  package let output: OutputTraits
  /// What standard error can show.
  package let messages: OutputTraits

  /// A console over this process's standard streams.
  package init(isJSON: Bool = false, isQuiet: Bool = false) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    output = OutputTraits(of: .standardOutput)
    messages = OutputTraits(of: .standardError)
  }

  /// Writes lines of the result, all in one piece.
  package func print(_ lines: [StyledText]) throws {
    guard !lines.isEmpty else { return }
    try writeResult(lines.map { $0.rendered(for: output) + "\n" }.joined().utf8)
  }

  /// Writes one line of the result.
  package func print(_ line: StyledText) throws { try print([line]) }

  /// Writes a table as the result.
  package func print(_ table: TextTable) throws { try print(table.lines(for: output)) }

  /// Writes a JSON value as the result: readable on a terminal, one line elsewhere.
  ///
  /// Disfavoured, so that a literal is text unless it says otherwise.
  @_disfavoredOverload
  package func print(_ value: JSONValue) throws {
    try writeResult((output.isTerminal ? value.prettyText : value.text + "\n").utf8)
  }

  /// Writes an array as the result, one element a line, without ever holding all of its text.
  package func print(jsonArray elements: some Sequence<JSONValue>) throws {
    var chunk = Array("[".utf8)
    var isFirst = true
    for element in elements {
      chunk += (isFirst ? "\n" : ",\n").utf8
      chunk += element.text.utf8
      isFirst = false
      if chunk.count > 1 << 16 {
        try writeResult(chunk)
        chunk.removeAll(keepingCapacity: true)
      }
    }
    try writeResult(chunk + (isFirst ? "]\n" : "\n]\n").utf8)
  }

  /// Writes bytes of the result exactly as they are.
  ///
  /// A reader that went away ends the process as SIGPIPE does, silently.
  package func writeResult(_ bytes: some Collection<UInt8>) throws {
    do {
      try FileDescriptor.standardOutput.write(bytes)
    } catch {
      if error.isBrokenPipe { Self.endByBrokenPipe() }
      throw CommandFailure(.ioError, "writing the result failed: \(error.reason)")
    }
  }

  /// Writes bytes of the result that hold text of others: exactly as they are, but on a terminal, which
  /// takes them for commands, with all that is invisible made visible (``VisibleText``).
  package func writeForeign(_ bytes: some Collection<UInt8>) throws {
    guard output.isTerminal else { return try writeResult(bytes) }
    let text = String(decoding: bytes, as: UTF8.self)
    try writeResult(VisibleText.block(text, on: output).utf8)
  }

  /// Tells something that is no result, such as the command to type next; left out when quiet.
  package func note(_ lines: [StyledText]) {
    if !isQuiet { tell(lines) }
  }

  /// Tells something in one line that is no result; left out when quiet.
  package func note(_ line: StyledText) { note([line]) }

  /// Warns, quiet or not.
  package func warn(_ line: StyledText) {
    tell([StyledText(verbatim: "warning: ", .warning) + line])
  }

  /// Writes lines to standard error; that nobody reads them is no failure.
  package func tell(_ lines: [StyledText]) {
    let text = lines.map { $0.rendered(for: messages) + "\n" }.joined()
    try? FileDescriptor.standardError.write(text.utf8)
  }

  private static func endByBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    exit(128 + SIGPIPE)
  }
}
