import Synchronization
package import WorkspaceStore

/// One machine's wall clock, which may be wrong, and jump.
package final class SimulatedClock: Sendable {
  private struct State {
    var offset: Int64
    var boots = 0
  }

  private let time: SimulatedTime
  private let state: Mutex<State>

  /// A clock that is ahead of the true time by `offset` milliseconds.
  package init(_ time: SimulatedTime, offset: Int64 = 0) {
    self.time = time
    state = Mutex(State(offset: offset))
  }

  /// By how much the clock is ahead of the true time, in milliseconds.
  package var offset: Int64 { state.withLock { $0.offset } }

  /// What the clock says, milliseconds since 1970.
  package func now() -> Int64 { time.now() + offset }

  /// Sets the clock, to so many milliseconds ahead of the true time.
  package func jump(to offset: Int64) { state.withLock { $0.offset = offset } }

  /// Starts the machine anew: what counts from a boot begins again.
  package func reboot() { state.withLock { $0.boots += 1 } }

  /// The same moment by the wall clock, by a clock that is never set, in milliseconds, and the boot that
  /// the latter counts from.
  package func reading() -> (wall: Int64, sinceBoot: Int64, boot: String) {
    let (offset, boots) = state.withLock { ($0.offset, $0.boots) }
    let now = time.now()
    return (now + offset, now, "boot \(boots)")
  }
}

extension Machine {
  /// A machine whose random numbers follow from a seed.
  package static func simulated(seed: UInt64, clock: SimulatedClock, stateDirectory: String)
    -> Machine
  {
    let random = SeededRandom(seed: seed)
    return Machine(
      now: { clock.now() },
      randomBytes: { count in random.bytes(count) },
      stateDirectory: stateDirectory)
  }
}
