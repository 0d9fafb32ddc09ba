import Synchronization

/// Shows how far a long piece of work has come, on standard error.
///
/// Nothing is shown in the first second, so short work stays silent. After that a terminal has one line
/// that is redrawn at most ten times a second and removed at the end; elsewhere a plain line is written
/// at most once a second. It may be told about progress from any task.
package final class ProgressMeter: Sendable {
  private struct State {
    var last: Duration?
    var isDrawn = false
    var isFinished = false
  }

  private let title: String
  private let unit: String
  private let traits: OutputTraits
  private let isQuiet: Bool
  private let now: @Sendable () -> Duration
  private let write: @Sendable (String) -> Void
  private let start: Duration
  private let state = Mutex(State())

  /// Begins at zero.
  ///
  /// - Parameters:
  ///   - title: What is being done, such as `syncing`.
  ///   - unit: What is counted, in the plural.
  ///   - now: A clock that never goes back; its zero does not matter.
  ///   - write: Takes what is to be shown.
  package init(
    _ title: String, unit: String, traits: OutputTraits, isQuiet: Bool,
    now: @escaping @Sendable () -> Duration, write: @escaping @Sendable (String) -> Void
  ) {
    self.title = title
    self.unit = unit
    self.traits = traits
    self.isQuiet = isQuiet
    self.now = now
    self.write = write
    start = now()
  }

  /// A meter for this process's standard error.
  package convenience init(_ title: String, unit: String, console: Console) {
    let begin = ContinuousClock.now
    self.init(
      title, unit: unit, traits: console.messages, isQuiet: console.isQuiet,
      now: { begin.duration(to: .now) },
      write: { try? FileDescriptor.standardError.write($0.utf8) })
  }

  /// Tells how much is done, and of how much when that is known.
  package func update(_ done: Int, of total: Int? = nil) {
    guard !isQuiet else { return }
    let time = now()
    state.withLock { state in
      guard !state.isFinished, time - start >= .seconds(1) else { return }
      let pause: Duration = traits.isTerminal ? .milliseconds(100) : .seconds(1)
      if let last = state.last, time - last < pause { return }
      state.last = time
      draw(done, total, &state)
    }
  }

  /// Removes the line from a terminal; whatever is told afterwards is ignored.
  package func finish() {
    state.withLock { state in
      if state.isDrawn { write("\r\u{1B}[K") }
      state.isDrawn = false
      state.isFinished = true
    }
  }

  private func draw(_ done: Int, _ total: Int?, _ state: inout State) {
    guard traits.isTerminal else {
      return write(ProgressLine.plain(title, done, total, unit) + "\n")
    }
    let columns = (traits.columns ?? 80) - 1
    write("\r" + ProgressLine.bar(title, done, total, unit, columns: columns) + "\u{1B}[K")
    state.isDrawn = true
  }
}

/// The words and the bar of a progress line.
enum ProgressLine {
  static func plain(_ title: String, _ done: Int, _ total: Int?, _ unit: String) -> String {
    guard let total, total > 0 else { return "\(title): \(done) \(unit)" }
    return "\(title): \(done) of \(total) \(unit) (\(percentage(done, total)) %)"
  }

  /// A bar that fills what the words leave of a line, or the words alone when the total is not known.
  static func bar(
    _ title: String, _ done: Int, _ total: Int?, _ unit: String, columns: Int
  ) -> String {
    let words = plain(title, done, total, unit)
    let room = min(30, columns - DisplayWidth.of(words) - 3)
    guard let total, total > 0, room >= 5 else { return DisplayWidth.truncated(words, to: columns) }
    let filled = room * percentage(done, total) / 100
    return String(repeating: "━", count: filled) + String(repeating: "╌", count: room - filled)
      + "  " + words
  }

  private static func percentage(_ done: Int, _ total: Int) -> Int {
    min(100, max(0, done) * 100 / total)
  }
}
