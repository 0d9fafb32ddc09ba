import Glibc

extension Machine {
  /// The machine as it is: its clock, its random numbers, the state directory of its environment.
  package static var system: Machine {
    Machine(
      now: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
      },
      randomBytes: { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      },
      stateDirectory: defaultStateDirectory())
  }

  /// `$XDG_STATE_HOME/hashiya`, or `~/.local/state/hashiya` (XDG Base Directory Specification).
  private static func defaultStateDirectory() -> String {
    if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/hashiya" }
    return (environment("HOME") ?? "/tmp") + "/.local/state/hashiya"
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}
