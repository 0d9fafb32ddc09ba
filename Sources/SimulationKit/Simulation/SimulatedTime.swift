import Synchronization
package import WorkspaceStore

/// The one true time of a simulation, milliseconds since 1970; every look at it takes a millisecond.
package final class SimulatedTime: Sendable {
  private let milliseconds = Mutex<Int64>(1_700_000_000_000)

  package init() {}

  package func now() -> Int64 {
    milliseconds.withLock { time in
      time += 1
      return time
    }
  }

  /// Lets time pass.
  package func pass(_ duration: Int64) { milliseconds.withLock { $0 += duration } }
}

extension Machine {
  /// A machine whose random numbers follow from a seed, and whose clock is off by `skew`
  /// milliseconds.
  package static func simulated(
    seed: UInt64, time: SimulatedTime, skew: Int64, stateDirectory: String
  ) -> Machine {
    simulated(
      seed: seed, clock: SimulatedClock(time, offset: skew), stateDirectory: stateDirectory)
  }
}
