import FoundationEssentials
import SimulationKit
import Synchronization
import Testing

@Suite("Whole workspaces, simulated")
struct WorkspaceSimulationTests {
  /// The seeds to run, in parts that run side by side; or the one in `HASHIYA_SEED`; or as many as
  /// `HASHIYA_SEEDS` says.
  private static var parts: [ClosedRange<UInt64>] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["HASHIYA_SEED"].flatMap({ UInt64($0) }) { return [seed...seed] }
    let count = environment["HASHIYA_SEEDS"].flatMap { UInt64($0) } ?? 120
    let size = max(count / 8, 1)
    return (0..<8).map { $0 * size + 1...$0 * size + size }
  }

  @Test(
    "Stores that are cut off, copied, restored and demoted converge with nothing lost",
    arguments: parts)
  func seeds(_ seeds: ClosedRange<UInt64>) {
    var total = WorkspaceSimulation.Tally()
    for seed in seeds {
      do {
        total.include(try Self.simulate(seed))
      } catch {
        Issue.record(
          "seed \(seed): \(error)\nHASHIYA_SEED=\(seed) swift test --filter WorkspaceSimulationTests"
        )
      }
    }
    print("simulated workspaces, seeds \(seeds): \(total)")
    Self.end(total)
  }

  /// What the parts that have ended came to.
  private static let ended = Mutex((parts: 0, total: WorkspaceSimulation.Tally()))

  /// Expects, once the last part has ended, that what clocks may do has happened.
  private static func end(_ part: WorkspaceSimulation.Tally) {
    let total = ended.withLock { ended -> WorkspaceSimulation.Tally? in
      ended.parts += 1
      ended.total.include(part)
      return ended.parts == parts.count ? ended.total : nil
    }
    // A few seeds need not have every weather.
    guard let total, parts.reduce(0, { $0 + $1.count }) >= 100 else { return }
    for (what, count) in total.clockWeather { #expect(count > 0, "\(what), in some seed") }
  }

  private static func simulate(_ seed: UInt64) throws -> WorkspaceSimulation.Tally {
    let weathers = WorkspaceSimulation.Weather.allCases
    let weather = weathers[Int(seed % UInt64(weathers.count))]
    do {
      let simulation = try WorkspaceSimulation(seed: seed, weather: weather)
      try simulation.run(stepCount: 50)
      return simulation.tally
    } catch {
      throw SimulationFault("in \(weather): \(error)")
    }
  }
}
