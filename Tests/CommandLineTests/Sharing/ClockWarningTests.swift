import Foundation
import SimulationKit
import Testing

/// A machine's clock that is not the server's.
@Suite struct ClockWarningTests {
  /// The date in an answer's head that is so many seconds from now.
  private func date(_ seconds: Double) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: Date(timeIntervalSinceNow: seconds))
  }

  @Test func `a clock far from the server's is warned of once, and status goes on saying so`()
    throws
  {
    try Scene.play { scene in
      let (port, target) = (try FreePort.next(), try FreePort.next())
      let server = try scene.server(port: target, publicPort: port)
      let relay = try Relay(port: port, target: target)
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let quiet = try layla("publish", claim)
      #expect(!quiet.messages.contains("clock"), "\(quiet)")
      #expect(try layla.json("status")["clock_behind"]?.isNull == true)

      // Far less than what is warned of, then far more, both ways.
      relay.set(.dateAnswers(date(200)))
      #expect(try !layla("sync").messages.contains("clock"))
      relay.set(.dateAnswers(date(26.5 * 3600)))
      let behind = try layla("sync")
      #expect(behind.messages.contains("clock is 26 hours behind the server's"), "\(behind)")
      #expect(try !layla("sync").messages.contains("clock"), "once")
      #expect(try layla("status").output.contains("26 hours behind"))
      #expect((try layla.json("status")["clock_behind"]?.int ?? 0) > 26 * 3600)
      relay.set(.dateAnswers(date(-10.5 * 86_400)))
      let ahead = try layla("sync")
      #expect(ahead.messages.contains("clock is 10 days ahead of the server's"), "\(ahead)")

      relay.set(.pass)
      #expect(try !layla("sync").messages.contains("clock"))
      #expect(try !layla("status").output.contains("clock"))
    }
  }
}
