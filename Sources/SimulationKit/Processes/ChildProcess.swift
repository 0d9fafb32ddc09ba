import Foundation
import Glibc

/// A process under way, whose output is read as it comes.
///
/// Sendable although a class with mutable state: `condition` guards all of it, and only the thread
/// that `init` starts touches the pipes.
package final class ChildProcess: @unchecked Sendable {
  /// The process's id; meaningless once the process has been waited for.
  package let id: Int32

  private let launch: ProcessLaunch
  private let pipes: SpawnedProcess
  private let condition = NSCondition()
  private var output: [UInt8] = []
  private var messages: [UInt8] = []
  private var exit: ProcessExit?

  /// Starts it.
  package init(_ launch: ProcessLaunch) throws {
    self.launch = launch
    pipes = try SpawnedProcess(launch)
    id = pipes.id
    let thread = Thread { [self] in drain() }
    thread.stackSize = 1 << 19
    thread.start()
  }

  /// Sends a signal by the process's id; does nothing when it has ended.
  package func signal(_ number: Int32) {
    condition.withLock { if exit == nil { kill(id, number) } }
  }

  /// Ends it at once, as `kill -9` does, and waits until it is gone.
  @discardableResult
  package func killNow() -> ProcessOutcome {
    signal(SIGKILL)
    return wait()
  }

  /// Waits until it ends; one that takes longer than `seconds` is killed, and its outcome says so.
  @discardableResult
  package func wait(seconds: Double = ProcessLimits.seconds) -> ProcessOutcome {
    let limit = Date(timeIntervalSinceNow: seconds)
    var isLate = false
    condition.lock()
    defer { condition.unlock() }
    while exit == nil {
      if isLate {
        condition.wait()
      } else if !condition.wait(until: limit), exit == nil {
        isLate = true
        kill(id, SIGKILL)
      }
    }
    return outcome(exit ?? .signal(SIGKILL), isLate: isLate)
  }

  /// Waits for the first line of standard output.
  ///
  /// Throws when the process ends without one, or none comes in `seconds`; it is killed then.
  package func firstLine(seconds: Double = ProcessLimits.seconds) throws -> String {
    let limit = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    while true {
      if let end = output.firstIndex(of: 0x0A) {
        defer { condition.unlock() }
        return String(decoding: output[..<end], as: UTF8.self)
      }
      if exit != nil || !condition.wait(until: limit) { break }
    }
    condition.unlock()
    throw ProcessFailure("no line on standard output of \(killNow())")
  }

  /// Waits until it has written a text on standard error so many times; throws when that takes more
  /// than `seconds`.
  package func wait(
    forMessage text: String, times: Int = 1, seconds: Double = ProcessLimits.seconds
  ) throws {
    let limit = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while String(decoding: messages, as: UTF8.self).components(separatedBy: text).count <= times {
      guard exit == nil, condition.wait(until: limit) else {
        throw ProcessFailure("process \(id) has not said: \(text)")
      }
    }
  }

  /// What it has written on standard error so far.
  package var messagesSoFar: String {
    condition.withLock { String(decoding: messages, as: UTF8.self) }
  }

  private func outcome(_ exit: ProcessExit, isLate: Bool) -> ProcessOutcome {
    ProcessOutcome(
      command: ([launch.executable] + launch.arguments).joined(separator: " "), exit: exit,
      isLate: isLate, outputBytes: output, messageBytes: messages)
  }

  /// Feeds and reads the pipes until both outputs end, then collects the exit.
  private func drain() {
    // One thread writes without blocking and reads what comes: no pipe can fill and stop the other.
    // A write to a process that has gone is no signal for us.
    var ignored = sigset_t()
    sigemptyset(&ignored)
    sigaddset(&ignored, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &ignored, nil)
    _ = fcntl(pipes.input, F_SETFL, O_NONBLOCK)
    var feed = launch.input[...]
    var input: Int32? = pipes.input
    var open: Set<Int32> = [pipes.output, pipes.messages]
    while !open.isEmpty {
      if feed.isEmpty, let descriptor = input {
        close(descriptor)
        input = nil
      }
      var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      if let input { polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
      guard poll(&polled, nfds_t(polled.count), -1) >= 0 else { continue }
      for entry in polled where entry.revents != 0 {
        if entry.fd == input {
          let count = feed.withUnsafeBytes { write(entry.fd, $0.baseAddress, $0.count) }
          if count >= 0 { feed = feed.dropFirst(count) } else if errno != EAGAIN { feed = [] }
        } else if !readSome(entry.fd) {
          open.remove(entry.fd)
          close(entry.fd)
        }
      }
    }
    if let input { close(input) }
    collectExit()
  }

  /// Reads what a pipe has; false at its end.
  private func readSome(_ descriptor: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { return true }
    guard count > 0 else { return false }
    condition.withLock {
      if descriptor == pipes.output {
        output += buffer.prefix(count)
      } else {
        messages += buffer.prefix(count)
      }
      condition.broadcast()
    }
    return true
  }

  private func collectExit() {
    // The id stays this process's until it is reaped, which the lock keeps apart from signals.
    var ended = siginfo_t()
    while waitid(P_PID, UInt32(id), &ended, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    condition.withLock {
      var status: Int32 = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      exit = ProcessExit(status: status)
      condition.broadcast()
    }
  }
}
