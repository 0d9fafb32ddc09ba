import CommandLineKit
import Synchronization
import Testing

/// A meter with a clock that is set by hand and an output that is kept.
private final class Bench: Sendable {
  private let time = Mutex(Duration.seconds(500))
  private let shown = Mutex<[String]>([])

  func meter(_ traits: OutputTraits, isQuiet: Bool = false) -> ProgressMeter {
    ProgressMeter(
      "syncing", unit: "leaves", traits: traits, isQuiet: isQuiet,
      now: { self.time.withLock { $0 } },
      write: { text in self.shown.withLock { $0.append(text) } })
  }

  func wait(milliseconds: Int64) { time.withLock { $0 += .milliseconds(milliseconds) } }

  /// What was written since this was asked last.
  func take() -> [String] {
    shown.withLock { texts in
      defer { texts = [] }
      return texts
    }
  }
}

private func terminal(columns: Int?) -> OutputTraits {
  OutputTraits(isTerminal: true, hasColor: false, columns: columns)
}

@Suite("Progress")
struct ProgressMeterTests {
  @Test("work of less than a second shows nothing, and leaves nothing to remove")
  func silentAtFirst() {
    for traits in [terminal(columns: 80), .plain] {
      let bench = Bench()
      let meter = bench.meter(traits)
      meter.update(1, of: 10)
      bench.wait(milliseconds: 999)
      meter.update(9, of: 10)
      meter.finish()
      #expect(bench.take() == [])
    }
  }

  @Test("a terminal has one line, redrawn ten times a second at most, and removed at the end")
  func terminalLine() {
    let bench = Bench()
    let meter = bench.meter(terminal(columns: 80))
    bench.wait(milliseconds: 1_000)
    meter.update(50, of: 200)
    let bar = String(repeating: "━", count: 7) + String(repeating: "╌", count: 23)
    #expect(bench.take() == ["\r\(bar)  syncing: 50 of 200 leaves (25 %)\u{1B}[K"])
    bench.wait(milliseconds: 99)
    meter.update(60, of: 200)
    #expect(bench.take() == [])
    bench.wait(milliseconds: 1)
    meter.update(200, of: 200)
    let full = String(repeating: "━", count: 30)
    #expect(bench.take() == ["\r\(full)  syncing: 200 of 200 leaves (100 %)\u{1B}[K"])
    meter.finish()
    #expect(bench.take() == ["\r\u{1B}[K"])
    bench.wait(milliseconds: 5_000)
    meter.update(1, of: 2)
    meter.finish()
    #expect(bench.take() == [])
  }

  @Test("elsewhere a plain line is written a second at most, and nothing is ever taken back")
  func plainLines() {
    let bench = Bench()
    let meter = bench.meter(.plain)
    bench.wait(milliseconds: 1_500)
    meter.update(3)
    #expect(bench.take() == ["syncing: 3 leaves\n"])
    bench.wait(milliseconds: 999)
    meter.update(4)
    #expect(bench.take() == [])
    bench.wait(milliseconds: 1)
    meter.update(5, of: 8)
    #expect(bench.take() == ["syncing: 5 of 8 leaves (62 %)\n"])
    meter.finish()
    #expect(bench.take() == [])
  }

  @Test("nothing is shown when it is to be quiet")
  func quiet() {
    let bench = Bench()
    let meter = bench.meter(terminal(columns: 80), isQuiet: true)
    bench.wait(milliseconds: 10_000)
    meter.update(1, of: 2)
    meter.finish()
    #expect(bench.take() == [])
  }

  @Test("a line never wraps, however narrow the terminal", arguments: 1...90)
  func narrow(columns: Int) throws {
    let bench = Bench()
    let meter = bench.meter(terminal(columns: columns))
    bench.wait(milliseconds: 1_000)
    meter.update(123_456, of: 234_567)
    bench.wait(milliseconds: 1_000)
    meter.update(7)
    let lines = bench.take()
    #expect(lines.count == 2)
    for line in lines {
      let shown = try #require(line.dropFirst().components(before: "\u{1B}[K"))
      #expect(DisplayWidth.of(shown) < columns)
    }
  }

  @Test("counts beyond their total, below zero and of nothing are drawn all the same")
  func odd() {
    let bench = Bench()
    let meter = bench.meter(.plain)
    for (done, total) in [(9, 3), (-1, 10), (5, 0), (0, 0)] {
      bench.wait(milliseconds: 1_000)
      meter.update(done, of: total)
    }
    #expect(
      bench.take() == [
        "syncing: 9 of 3 leaves (100 %)\n", "syncing: -1 of 10 leaves (0 %)\n",
        "syncing: 5 leaves\n", "syncing: 0 leaves\n",
      ])
  }
}

extension Substring {
  /// What stands before this ending; nil when it does not end so.
  fileprivate func components(before ending: String) -> String? {
    hasSuffix(ending) ? String(dropLast(ending.count)) : nil
  }
}
