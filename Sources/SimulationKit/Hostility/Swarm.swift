import Foundation
import Glibc

/// Many connections to a port of 127.0.0.1 that all do the same, and come again when they are ended.
///
/// One thread holds them all. Sendable although a class with mutable state: `lock` guards what both
/// sides touch, everything else is the thread's.
package final class Swarm: @unchecked Sendable {
  /// What happened so far.
  package struct Tally: Sendable {
    /// Connections that stand now, that stood, and that the other side ended.
    package var open = 0
    package var opened = 0
    package var ended = 0
    /// Bytes that were sent.
    package var sentBytes = 0

    package init() {}
  }

  private struct Bee {
    var descriptor: Int32 = -1
    var sent = 0
    var nextDrip = 0
    /// When it comes again, once it is gone.
    var comesAt = 0
    var hasOutstayed = false
  }

  private let attack: Attack
  private let port: UInt16
  private var bees: [Bee]
  private let lock = NSCondition()
  private var tally = Tally()
  private var isStopping = false
  private var hasStopped = false

  /// How long a bee stays away, in milliseconds.
  private static let awayMilliseconds = 1_000

  /// Starts it.
  package init(_ attack: Attack, count: Int, port: Int) {
    self.attack = attack
    self.port = UInt16(port)
    bees = Array(repeating: Bee(), count: count)
    // All sockets of two sides may be in this process's or a small limit would end the swarm instead.
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      limit.rlim_cur = min(limit.rlim_max, 8_192)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    let thread = Thread { [self] in run() }
    thread.stackSize = 1 << 19
    thread.start()
  }

  /// What happened so far.
  package var now: Tally { lock.withLock { tally } }

  /// Waits until something has happened; throws when it does not in `seconds`.
  package func wait(
    seconds: Double = ProcessLimits.seconds, until isEnough: (Tally) -> Bool
  ) throws {
    let limit = Date(timeIntervalSinceNow: seconds)
    lock.lock()
    defer { lock.unlock() }
    while !isEnough(tally) {
      guard lock.wait(until: limit) else { throw ProcessFailure("the swarm stands at \(tally)") }
    }
  }

  /// Ends all connections, and returns when they are.
  @discardableResult
  package func stop() -> Tally {
    lock.lock()
    defer { lock.unlock() }
    isStopping = true
    while !hasStopped { lock.wait() }
    return tally
  }

  private func run() {
    var ignored = sigset_t()
    sigemptyset(&ignored)
    sigaddset(&ignored, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &ignored, nil)
    // The other side of a network takes no processor of this machine: members and server come first.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    while !lock.withLock({ isStopping }) {
      let time = Self.time()
      for index in bees.indices where bees[index].descriptor < 0 && bees[index].comesAt <= time {
        open(index)
      }
      for index in bees.indices where bees[index].descriptor >= 0 { drip(index, time) }
      watch()
    }
    for bee in bees where bee.descriptor >= 0 { close(bee.descriptor) }
    lock.withLock {
      hasStopped = true
      lock.broadcast()
    }
  }

  private static let start = ContinuousClock.now

  /// Milliseconds of a monotonic clock.
  private static func time() -> Int {
    Int((ContinuousClock.now - start) / .milliseconds(1))
  }

  private func note(_ change: (inout Tally) -> Void) {
    lock.withLock {
      change(&tally)
      lock.broadcast()
    }
  }

  private func open(_ index: Int) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, type, 0)
    bees[index].comesAt = Self.time() + Self.awayMilliseconds
    guard descriptor >= 0 else { return }
    // On loopback, what waits in the sender's buffer has been copied by this machine, whose processor
    // it would not have been over a network.
    Self.set(SO_SNDBUF, to: 1 << 16, of: descriptor)
    if attack.answer == .leave { Self.set(SO_RCVBUF, to: 4_096, of: descriptor) }
    // 127.1.0.1 and up: nobody else in a scene comes from there.
    let source: UInt32 =
      switch attack.sources {
      case .one: 0x7F01_0001
      case .members: 0x7F00_0001
      case .many: 0x7F01_0001 + UInt32(index)
      }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = source.bigEndian
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let result = withLoopback(port) { connect(descriptor, $0, $1) }
    guard result == 0 || errno == EINPROGRESS else {
      close(descriptor)
      return
    }
    bees[index] = Bee(
      descriptor: descriptor, nextDrip: Self.time() + attack.dripMilliseconds,
      comesAt: bees[index].comesAt)
    note {
      $0.open += 1
      $0.opened += 1
    }
  }

  private static func set(_ option: Int32, to size: Int32, of descriptor: Int32) {
    var size = size
    setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  private func drip(_ index: Int, _ time: Int) {
    guard !attack.drip.isEmpty, bees[index].sent >= attack.first.count,
      bees[index].nextDrip <= time
    else { return }
    bees[index].nextDrip = time + attack.dripMilliseconds
    let count = send(bees[index].descriptor, attack.drip, attack.drip.count, Int32(MSG_NOSIGNAL))
    if count < 0, errno != EAGAIN { lose(index) }
    noteSent(count)
  }

  /// Wakes nobody: whoever waits, waits for connections.
  private func noteSent(_ count: Int) { lock.withLock { tally.sentBytes += max(0, count) } }

  private func lose(_ index: Int) {
    close(bees[index].descriptor)
    bees[index].descriptor = -1
    bees[index].comesAt = Self.time() + Self.awayMilliseconds
    note {
      $0.open -= 1
      $0.ended += 1
    }
  }

  /// Waits a moment for what comes, goes, or can be sent.
  private func watch() {
    var indices: [Int] = []
    var polled: [pollfd] = []
    for (index, bee) in bees.enumerated() where bee.descriptor >= 0 {
      var events = Int16(0)
      if attack.answer != .leave, !bee.hasOutstayed { events |= Int16(POLLIN) }
      if bee.sent < attack.first.count { events |= Int16(POLLOUT) }
      indices.append(index)
      polled.append(pollfd(fd: bee.descriptor, events: events, revents: 0))
    }
    guard poll(&polled, nfds_t(polled.count), 50) > 0 else { return }
    for (index, entry) in zip(indices, polled) where entry.revents != 0 {
      handle(index, Int32(entry.revents))
    }
  }

  private func handle(_ index: Int, _ events: Int32) {
    if events & POLLIN != 0, !readAll(index) { return lose(index) }
    if events & (POLLERR | POLLHUP) != 0 { return lose(index) }
    guard events & POLLOUT != 0 else { return }
    let rest = attack.first[bees[index].sent...]
    let count = rest.withUnsafeBytes {
      send(bees[index].descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 {
      bees[index].sent += count
      noteSent(count)
    } else if errno != EAGAIN {
      // Whoever refuses early may have answered: that is read first.
      lose(index)
    }
  }

  /// Reads what there is; false when the connection is over for this bee.
  private func readAll(_ index: Int) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = recv(bees[index].descriptor, &buffer, buffer.count, 0)
      if count > 0 { continue }
      if count < 0 { return errno == EAGAIN }
      guard attack.answer == .outstay else { return false }
      bees[index].hasOutstayed = true
      return true
    }
  }
}

extension ChildProcess {
  /// Forgets what ``Usage/peakBytes`` was, so that it counts from now on.
  package func forgetPeak() throws {
    let file = open("/proc/\(id)/clear_refs", O_WRONLY | O_CLOEXEC)
    defer { close(file) }
    // proc(5): 5 resets the peak resident set size.
    guard file >= 0, write(file, "5", 1) == 1 else {
      throw ProcessFailure("the peak of process \(id) cannot be reset")
    }
  }

  /// What a process takes, as the kernel counts it.
  package struct Usage: Sendable {
    /// Its memory now.
    package var residentBytes: Int
    /// Its memory at its most since ``ChildProcess/forgetPeak()``.
    package var peakBytes: Int
    /// Its processor time so far.
    package var seconds: Double
  }

  /// What the process takes now.
  package func usage() throws -> Usage {
    let status = String(decoding: try fileBytes("/proc/\(id)/status"), as: UTF8.self)
    func bytes(_ name: String) throws -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
      else { throw ProcessFailure("process \(id) has no memory") }
      return kilobytes << 10
    }
    let fields =
      String(decoding: try fileBytes("/proc/\(id)/stat"), as: UTF8.self)
      .split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw ProcessFailure("process \(id) has no times")
    }
    return Usage(
      residentBytes: try bytes("VmRSS"), peakBytes: try bytes("VmHWM"),
      seconds: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
  }
}
