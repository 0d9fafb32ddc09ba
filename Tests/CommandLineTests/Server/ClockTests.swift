import Foundation
import SimulationKit
import Testing

@Suite struct ClockTests {
  /// Far beyond every date that somebody would type.
  private static let decades = 1_000_000_000

  /// Shifts the server's clock, and returns when its answers say so too: their `Date` is brought up to
  /// date once a second.
  private func shift(_ server: ServerHost, by seconds: Int) throws {
    server.clockShift = seconds
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    let end = ContinuousClock.now + .seconds(ProcessLimits.seconds)
    while ContinuousClock.now < end {
      let answer = try RawHTTP.request("GET", "/health", port: server.port)
      guard let date = answer.header("date").flatMap({ form.date(from: $0) }) else { continue }
      if abs(date.timeIntervalSinceNow - Double(seconds)) < 60 { return }
    }
    Issue.record("the server's answers do not state its clock")
  }

  private func team(_ scene: Scene) throws -> Team {
    let team = try Team(scene)
    team.server.stop()
    team.server.clockShift = 0
    try team.server.start()
    return team
  }

  @Test("after a jump the server dates nothing, and goes on by itself when the clock is back")
  func jump() throws {
    try Scene.play { scene in
      let team = try team(scene)
      try team.layla.annotate("quick", as: "one")
      try team.layla("sync")
      let size = try team.layla.json("status")["log"]?["size"]?.number

      for shift in [Self.decades, -Self.decades, 3_700] {
        try self.shift(team.server, by: shift)
        try team.layla.annotate("brown", as: "shift \(shift)")
        let outcome = try team.layla.run(["sync"])
        #expect(outcome.code == 75)
        #expect(outcome.messages.contains("clock"))
        #expect(outcome.messages.contains("your work is safe"))
        let jumped = try team.server.json("status")["clock_jumped_seconds"]?.number
        #expect(abs((jumped ?? 0) - Double(shift)) < 60)
        // Reading goes on.
        try team.member("omar")("pull")
      }
      #expect(try team.layla.json("status")["pending_changes"]?.number == 3)

      try shift(team.server, by: 60)
      try team.layla("sync")
      let status = try team.layla.json("status")
      #expect(status["pending_changes"]?.number == 0)
      #expect(status["log"]?["size"]?.number == (size ?? 0) + 1)
      #expect(status["odd_dates"]?.items.isEmpty == true)
    }
  }

  @Test("a jump while the server was stopped is noticed when it starts")
  func stopped() throws {
    try Scene.play { scene in
      let team = try team(scene)
      try team.layla.annotate("quick", as: "one")
      try team.layla("sync")
      team.server.stop()
      team.server.clockShift = Self.decades
      try team.server.start()
      try team.layla.annotate("brown", as: "two")
      #expect(try team.layla.run(["sync"]).code == 75)
      let shown = try team.server.run(["clock"]).successful().output
      #expect(shown.contains("hashiya-server clock confirm"))
      try shift(team.server, by: 0)
      try team.layla("sync")
    }
  }

  @Test("a date confirmed by mistake does not last: invites live on, and it is shown as odd")
  func mistake() throws {
    try Scene.play { scene in
      let team = try team(scene)
      let invite = try Team.code(for: "nadia", by: team.layla)
      try shift(team.server, by: Self.decades)
      try team.layla.annotate("quick", as: "one")
      #expect(try team.layla.run(["sync"]).code == 75)
      try team.server.run(["clock", "confirm"]).successful()
      try team.layla("sync")
      // The invite has expired by that clock.
      let nadia = try scene.analyst("nadia")
      #expect(try nadia.run(["join", invite]).code == 77)

      try shift(team.server, by: 0)
      try team.layla.annotate("brown", as: "two")
      #expect(try team.layla.run(["sync"]).code == 75)
      try team.server.run(["clock", "confirm"]).successful()
      try team.layla("sync")
      try nadia("join", invite)
      try team.member("omar")("sync")

      let odd = try #require(try nadia.json("status")["odd_dates"]?.items)
      #expect(odd.count == 1)
      #expect(odd.first?["ahead"]?.bool == true)
      #expect(odd.first?["analysts"]?.items.compactMap(\.text) == ["layla"])
      #expect(try nadia.run(["status"]).output.contains("the server's clock was wrong"))
      let audit = try team.member("omar").json("audit", "verify")
      #expect(audit["verified"]?.bool == true)
      #expect(audit["odd_dates"]?.items.count == 1)
      let served = try team.server.json("audit", "verify")
      #expect(served["verified"]?.bool == true && served["odd_dates"]?.items.count == 1)
      let status = try team.server.json("status")["workspaces"]?[0]
      #expect(status?["odd_dates"]?.items.count == 1)
    }
  }
}
