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
  /// The seeds to run, in parts that run side by side: 2,000, or as many as `HASHIYA_SEEDS` says; or the
  /// one in `HASHIYA_SEED`.
  private static var parts: [ClosedRange<UInt64>] {
    if let text = getenv("HASHIYA_SEED"), let seed = UInt64(String(cString: text)) {
      return [seed...seed]
    }
    let count = getenv("HASHIYA_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 2_000
    return (0..<max(1, count / 250)).map { $0 * 250 + 1...$0 * 250 + 250 }
  }

  @Test(
    "Stores that copy, fork, succeed, reissue and save older forms converge on the oracle",
    arguments: parts)
  func randomTraces(seeds: ClosedRange<UInt64>) {
    var total = RandomTrace.Tally()
    for seed in seeds {
      var trace = RandomTrace(seed: seed)
      do {
        try trace.run(stepCount: 50)
      } catch {
        Issue.record(
          "seed \(seed): \(error)\nHASHIYA_SEED=\(seed) swift test --filter RandomTraceTests")
        return
      }
      total += trace.tally
    }
    print("random traces, seeds \(seeds): \(total)")
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
    #expect(total.refused < 5)
  }
}
