import AnnotationModel
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
      stateDirectory: defaultStateDirectory(), deviceName: hostName())
  }

  /// The host's name; empty where it has none that could stand in a list.
  private static func hostName() -> String {
    // POSIX's limit and the zero byte, which a name that was cut short may lack.
    var bytes = [UInt8](repeating: 0, count: 256)
    let isRead = bytes.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { gethostname($0, buffer.count - 1) == 0 }
    }
    guard isRead == true, let name = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
    else {
      return ""
    }
    return (try? TextField.memberName.accept(name)) ?? ""
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
