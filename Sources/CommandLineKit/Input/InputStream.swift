#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is read from its beginning to its end, or standard input when it is called `-`.
package struct InputStream: ~Copyable {
  /// The name in messages.
  package let name: String
  private let descriptor: FileDescriptor
  private let isOwned: Bool

  /// The name that means standard input.
  package static let standardInputName = "-"

  /// Opens `path`, or takes standard input for `-`.
  package init(opening path: String) throws(CommandFailure) {
    if path == Self.standardInputName {
      name = "standard input"
      descriptor = .standardInput
      isOwned = false
      return
    }
    name = path
    let number = open(RawArguments.path(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      let failure = FileDescriptor.Failure(number: errno)
      throw CommandFailure(.noInput, "cannot open \(path): \(failure.reason)")
    }
    descriptor = FileDescriptor(rawValue: number)
    isOwned = true
  }

  deinit { if isOwned { close(descriptor.rawValue) } }

  /// Whether a person types it.
  package var isTerminal: Bool { descriptor.isTerminal }

  /// Reads the next bytes, at most `count`; none at the end.
  package func read(atMost count: Int = 1 << 16) throws(CommandFailure) -> [UInt8] {
    do {
      return try descriptor.read(atMost: count)
    } catch {
      // A folder can be opened but not read.
      let code: CommandExit = error.number == EISDIR ? .noInput : .ioError
      throw CommandFailure(code, "cannot read \(name): \(error.reason)")
    }
  }

  /// Reads all that is left, and refuses more than `limit` bytes without reading on.
  package consuming func readAll(limit: Int) throws(CommandFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = try read()
      if more.isEmpty { return bytes }
      bytes += more
      guard bytes.count <= limit else {
        throw CommandFailure(
          .badData, "\(name) has more than the \(limit) bytes that are allowed here")
      }
    }
  }

  /// Reads all that is left as text.
  ///
  /// One line break at its very end, which every shell adds, is dropped: LF, or CR LF. So is a byte order
  /// mark before the first word, which some editors write.
  package consuming func readText(limit: Int) throws(CommandFailure) -> String {
    let name = name
    var bytes = try readAll(limit: limit)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.last == UInt8(ascii: "\n") {
      bytes.removeLast()
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure(
        .badData, "\(name) is not UTF-8", remedy: "convert it first, for example with iconv")
    }
    return text
  }
}

extension InputStream {
  /// A typed text as it is, or all of standard input when it is `-`.
  package static func text(typed: String, limit: Int) throws(CommandFailure) -> String {
    guard typed == standardInputName else { return typed }
    return try InputStream(opening: typed).readText(limit: limit)
  }
}
