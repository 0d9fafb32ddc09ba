/// Reads a stream line by line, holding one line and what was read with it.
package struct LineReader: ~Copyable {
  private let stream: InputStream
  private let lineBytesMax: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0
  private var isAtEnd = false
  /// The number of the line returned last, from 1.
  package private(set) var lineNumber = 0

  /// Reads `stream` and refuses a line of more than `lineBytesMax` bytes.
  package init(_ stream: consuming InputStream, lineBytesMax: Int) {
    self.stream = stream
    self.lineBytesMax = lineBytesMax
  }

  /// The next line without its line feed; nil at the end.
  ///
  /// A last line needs no line feed.
  package mutating func next() throws(CommandFailure) -> ArraySlice<UInt8>? {
    while true {
      if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        return try line(upTo: end, next: end + 1)
      }
      scanned = buffer.count
      guard scanned - start <= lineBytesMax else { return try line(upTo: scanned, next: scanned) }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        return try line(upTo: buffer.count, next: buffer.count)
      }
      try fill()
    }
  }

  private mutating func line(
    upTo end: Int, next: Int
  ) throws(CommandFailure) -> ArraySlice<UInt8> {
    lineNumber += 1
    guard end - start <= lineBytesMax else {
      throw CommandFailure(
        .badData,
        "line \(lineNumber) of \(stream.name) is longer than the \(lineBytesMax) bytes allowed")
    }
    let line = buffer[start..<end]
    start = next
    scanned = next
    return line
  }

  private mutating func fill() throws(CommandFailure) {
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    let more = try stream.read()
    if more.isEmpty { isAtEnd = true } else { buffer += more }
  }
}
