import Foundation
import Glibc
import SimulationKit

/// A terminal with `hashiya` running on it: keys go in one by one, and what is written can be read.
///
/// Sendable although a class with mutable state: `condition` guards all of it, and only the thread
/// that `init` starts reads the terminal.
final class Terminal: @unchecked Sendable {
  private let process: ChildProcess
  /// The side of keys and screen.
  private let keyboard: Int32
  /// The side of the program, kept open until it has ended: without it nothing could be read.
  private let line: Int32
  private let condition = NSCondition()
  private var written: [UInt8] = []
  /// How much of the screen has been waited for.
  private var seen = 0
  private var isOver = false

  /// Starts `hashiya` with all three of its streams on a new terminal.
  init(
    _ analyst: Analyst, _ arguments: [String], environment: [String: String] = [:]
  ) throws {
    (keyboard, line) = try Self.open()
    var name = [CChar](repeating: 0, count: 128)
    guard ttyname_r(line, &name, name.count) == 0 else {
      throw ProcessFailure("the terminal has no name: \(String(cString: strerror(errno)))")
    }
    let path = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // A shell puts the streams on the terminal and becomes the program.
    process = try ChildProcess(
      ProcessLaunch(
        executable: "/bin/sh",
        arguments: [
          "-c", "terminal=$1; shift; exec \"$0\" \"$@\" <\"$terminal\" >\"$terminal\" 2>&1",
          Programs.hashiya, path,
        ] + arguments,
        environment: analyst.machine.environment.merging(["TERM": "xterm-256color"]) { $1 }
          .merging(environment) { $1 },
        directory: analyst.folder))
    let thread = Thread { [self] in read() }
    thread.stackSize = 1 << 19
    thread.start()
  }

  /// Both sides of a new terminal; Swift's module of glibc leaves this out, so it is looked up by name.
  private static func open() throws -> (Int32, Int32) {
    typealias Open =
      @convention(c) (
        UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, OpaquePointer?, OpaquePointer?,
        OpaquePointer?
      ) -> Int32
    guard let symbol = dlsym(nil, "openpty") else { throw ProcessFailure("there is no openpty") }
    var (keyboard, line): (Int32, Int32) = (-1, -1)
    guard unsafeBitCast(symbol, to: Open.self)(&keyboard, &line, nil, nil, nil) == 0 else {
      throw ProcessFailure("cannot make a terminal: \(String(cString: strerror(errno)))")
    }
    return (keyboard, line)
  }

  /// Runs `hashiya` on a terminal without pressing a key, and returns the screen.
  static func screen(
    _ analyst: Analyst, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> String {
    try Terminal(analyst, arguments, environment: environment).end().screen
  }

  /// Waits until words stand on the screen, behind those that were waited for before.
  ///
  /// Throws, with the screen, when the program ends without them, or takes too long.
  func wait(for words: String) throws {
    let limit = Date(timeIntervalSinceNow: ProcessLimits.seconds)
    let needle = Array(words.utf8)
    condition.lock()
    defer { condition.unlock() }
    while true {
      let places = seen...max(seen, written.count - needle.count)
      if let place = places.first(where: { written[$0...].starts(with: needle) }) {
        seen = place + needle.count
        return
      }
      if isOver || !condition.wait(until: limit) {
        throw ProcessFailure("no \(words) on the screen:\n\(text)")
      }
    }
  }

  /// Presses keys, once words that ask for them stand on the screen, and waits until they were read.
  func press(_ keys: String, at words: String = "") throws {
    try wait(for: words)
    let bytes = Array(keys.utf8)
    guard write(keyboard, bytes, bytes.count) == bytes.count else {
      throw ProcessFailure("cannot press \(keys)")
    }
    let limit = Date(timeIntervalSinceNow: ProcessLimits.seconds)
    var unread = pollfd(fd: line, events: Int16(POLLIN), revents: 0)
    while poll(&unread, 1, 0) != 0 {
      guard Date() < limit else { throw ProcessFailure("nobody reads the keys \(keys)") }
      sched_yield()
    }
  }

  /// Waits until the program ends.
  func end() -> (screen: String, code: Int32?) {
    let outcome = process.wait()
    close(line)
    condition.lock()
    defer { condition.unlock() }
    while !isOver { condition.wait() }
    return (text, outcome.code)
  }

  private var text: String {
    String(decoding: written.filter { $0 != 0x0D }, as: UTF8.self)
  }

  /// Reads until nobody has the program's side any more.
  private func read() {
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while true {
      let count = Glibc.read(keyboard, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      condition.withLock {
        written += buffer.prefix(count)
        condition.broadcast()
      }
    }
    condition.withLock {
      isOver = true
      close(keyboard)
      condition.broadcast()
    }
  }
}
