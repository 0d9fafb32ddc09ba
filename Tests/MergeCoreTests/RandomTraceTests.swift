import MergeCore
import SimulationKit
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Random traces agree with the oracle")
struct RandomTraceTests {
  /// The seeds to run, in parts that run side by side; or the one in `HASHIYA_SEED`.
  private static var parts: [ClosedRange<UInt64>] {
    if let text = getenv("HASHIYA_SEED"), let seed = UInt64(String(cString: text)) {
      return [seed...seed]
    }
    return (0..<8).map { $0 * 250 + 1...$0 * 250 + 250 }
  }

  @Test(
    "Stores that copy, fork, succeed, reissue and save older forms converge on the oracle",
    arguments: parts)
  func randomTraces(seeds: ClosedRange<UInt64>) {
    var total = RandomTrace.Tally()
    var refused = 0
    for seed in seeds {
      var trace = RandomTrace(seed: seed)
      do {
        try trace.run(stepCount: 50)
      } catch is UndoRefused {
        // A store that was copied may take back what the log then places otherwise: the work is set
        // aside, as everything that is refused, and this trace ends.
        refused += 1
        continue
      } catch {
        Issue.record(
          "seed \(seed): \(error)\nHASHIYA_SEED=\(seed) swift test --filter RandomTraceTests")
        return
      }
      total += trace.tally
    }
    print("random traces, seeds \(seeds): \(total), undoing refused in the log: \(refused)")
    guard seeds.count > 1 else { return }
    // What makes the traces worth running must keep happening in them.
    #expect(total.changes + total.undone > 5000)
    #expect(total.absorbed > 50)
    #expect(total.conflicts > 100)
    #expect(total.olderForms > 1000)
    #expect(total.newKeys > 500)
    #expect(total.mergedEarly > 500)
    #expect(total.plantedFaults > 500)
    #expect(total.undone > 300)
    #expect(refused < 5)
  }
}
