#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file of this process, by its number.
package struct FileDescriptor: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let standardInput = FileDescriptor(rawValue: 0)
  package static let standardOutput = FileDescriptor(rawValue: 1)
  package static let standardError = FileDescriptor(rawValue: 2)

  /// A number of the system's for what went wrong.
  package struct Failure: Error, Hashable, Sendable {
    /// The value of `errno`.
    package let number: Int32

    /// Takes a value of `errno`.
    package init(number: Int32) { self.number = number }

    /// The system's words for it.
    package var reason: String { String(cString: strerror(number)) }

    /// Whether nobody reads any more.
    package var isBrokenPipe: Bool { number == EPIPE }
  }

  /// Whether it is a terminal.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The columns of the terminal; nil when it is none or does not say.
  package var terminalColumns: Int? {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes all bytes, however many calls that takes.
  package func write(_ bytes: some Collection<UInt8>) throws(Failure) {
    let bytes = Array(bytes)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(rawValue, UnsafeRawBufferPointer(rebasing: buffer[done...]))
      }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw Failure(number: errno)
      }
    }
  }

  /// Reads at most `count` bytes; none means that there are no more.
  package func read(atMost count: Int) throws(Failure) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    while true {
      let got = buffer.withUnsafeMutableBytes { systemRead(rawValue, $0) }
      if got >= 0 { return Array(buffer[..<got]) }
      if errno != EINTR { throw Failure(number: errno) }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
  write(descriptor, buffer.baseAddress, buffer.count)
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
