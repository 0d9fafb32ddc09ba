import FoundationEssentials
import SimulationKit
import Testing

@Suite("Whole workspaces, simulated")
struct WorkspaceSimulationTests {
  /// The seeds to run, in parts that run side by side; or the one in `HASHIYA_SEED`; or as many as
  /// `HASHIYA_SEEDS` says.
  private static var parts: [ClosedRange<UInt64>] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["HASHIYA_SEED"].flatMap({ UInt64($0) }) { return [seed...seed] }
    let count = environment["HASHIYA_SEEDS"].flatMap { UInt64($0) } ?? 240
    let size = max(count / 8, 1)
    return (0..<8).map { $0 * size + 1...$0 * size + size }
  }

  @Test(
    "Stores that are cut off, copied, restored and demoted converge with nothing lost",
    arguments: parts)
  func seeds(_ seeds: ClosedRange<UInt64>) {
    for seed in seeds {
      do {
        let weathers = WorkspaceSimulation.Weather.allCases
        let simulation = try WorkspaceSimulation(
          seed: seed, weather: weathers[Int(seed) % weathers.count])
        do {
          try simulation.run(stepCount: 60)
        } catch {
          throw SimulationFault("\(simulation.weather): \(error)")
        }
        if ProcessInfo.processInfo.environment["HASHIYA_TRACE"] != nil { print(simulation.tally) }
      } catch {
        Issue.record(
          "seed \(seed): \(error)\nHASHIYA_SEED=\(seed) swift test --filter WorkspaceSimulationTests"
        )
      }
    }
  }
}
