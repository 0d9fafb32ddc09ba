import Foundation
import SimulationKit
import Testing

/// Hostile connections by the hundred, and members who work and join meanwhile.
///
/// `make hostile` runs them at full size, times the honest work, and prints a table.
@Suite(.serialized) struct SwarmTests {
  /// How many connections, and how many syncs are timed meanwhile; nil in the ordinary tests.
  private static let fullSize = ProcessInfo.processInfo.environment["HASHIYA_SWARM"]
    .flatMap { Int($0) }
  private static let count = fullSize ?? 300
  private static let syncs = fullSize == nil ? 2 : 100

  /// What the server may take for its connections: each place's share.
  private static let memoryMax = 256 * (256 << 10)

  private struct Row {
    var name: String
    var sources: String
    var milliseconds: [Double]
    var joinMilliseconds: Double
    var residentBytes: Int
    var tally = Swarm.Tally()

    func percentile(_ part: Double) -> Double {
      let sorted = milliseconds.sorted()
      return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    var line: String {
      let numbers = [percentile(0.5), percentile(0.99), joinMilliseconds]
        .map { String(format: "%7.0f", $0) }.joined(separator: " |")
      return "| \(name.padding(toLength: 20, withPad: " ", startingAt: 0)) "
        + "| \(sources.padding(toLength: 4, withPad: " ", startingAt: 0)) |\(numbers) "
        + "| \(String(format: "%5d", residentBytes >> 20)) | \(tally.opened) | \(tally.ended) |"
    }
  }

  private static let heading = """
    | connections          | from | p50 ms | p99 ms | join ms | MiB  | opened | ended |
    |----------------------|------|--------|--------|---------|------|--------|-------|
    """

  @Test func `members work and join, and memory is bounded, whatever strangers do`() async throws {
    try await Scene.play { scene in
      let team = try Team(scene, ["omar", "mallory"])
      let stranger = Stranger()
      let token = try await stranger.token(for: "press")
      let heavy = try stranger.body([stranger.hollowBatch(contents: 540_000)])
      let small = try stranger.body([stranger.hollowBatch(contents: 4_000, operations: 100)])
      let attacks = Attack.Sources.allCases.flatMap { sources in
        [
          .silence(sources), .slowHeads(sources), .slowBodies(sources, token: token),
          .refusedBodies(sources), .keptAlive(sources),
          .flood("heavy batches", sources, token: token, body: heavy),
          .flood("small batches", sources, token: token, body: small),
        ] as [Attack]
      }
      try play(attacks, team, scene)
      try measure("half a million empty contents", heavy, team)
      let hollow = try stranger.body([stranger.hollowBatch(contents: 250_000, operations: 500_000)])
      try measure("empty operations as well", hollow, team)
    }
  }

  /// What a body costs that a member brings, for each MiB of it.
  private func measure(_ name: String, _ body: [UInt8], _ team: Team) throws {
    let process = try #require(team.server.process)
    let token = try team.member("mallory")("token").lines[0]
    let before = try process.usage()
    let rounds = 5
    for _ in 0..<rounds {
      let answer = try RawHTTP.request(
        "POST", "/v1/workspaces/press/exchange", headers: ["Authorization: Bearer \(token)"],
        body: body, port: team.server.port)
      #expect(answer.status == 200 || answer.status == 413, "\(name)")
    }
    let after = try process.usage()
    let size = Double(rounds * body.count) / Double(1 << 20)
    let milliseconds = (after.seconds - before.seconds) * 1_000 / size
    #expect(after.residentBytes - before.residentBytes < 64 << 20, "\(name)")
    if Self.fullSize != nil {
      print("a MiB of \(name): \(Int(milliseconds)) ms of the server's processor")
    }
  }

  @Test func `pulls that nobody reads take no more memory than their places`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "mallory"])
      // A log that no buffer between the two sides holds.
      for number in 0..<(Self.fullSize == nil ? 3 : 12) {
        let line = "This is line of article \(number), and it is as long as most lines are.\n"
        try team.layla.write(String(repeating: line, count: 14_000).utf8, to: "long\(number).txt")
        try team.layla("article", "add", "long\(number).txt")
      }
      try team.layla("sync")
      let token = try team.member("mallory")("token").lines[0]
      try play([.unreadPulls(.one, token: token), .unreadPulls(.many, token: token)], team, scene)
    }
  }

  private func play(_ attacks: [Attack], _ team: Team, _ scene: Scene) throws {
    var rows = [try observe("none", "", team, scene, number: 0)]
    let quiet = rows[0]
    for (number, attack) in attacks.enumerated() {
      let swarm = Swarm(attack, count: Self.count, port: team.server.port)
      try swarm.wait { $0.opened >= Self.count }
      var row = try observe(
        attack.name, attack.sources.rawValue, team, scene, number: number + 1)
      row.tally = swarm.stop()
      #expect(
        row.residentBytes <= quiet.residentBytes + Self.memoryMax, "\(attack.name): \(row.line)")
      if Self.fullSize != nil {
        #expect(row.percentile(0.99) < 2 * quiet.percentile(0.99), "\(attack.name): \(row.line)")
      }
      rows.append(row)
    }
    try expectConverged([team.layla, team.member("omar")], team.server)
    if Self.fullSize != nil {
      print(([Self.heading] + rows.map(\.line)).joined(separator: "\n"))
    }
  }

  /// What members do meanwhile: one pushes a change, one pulls it, one joins.
  private func observe(
    _ name: String, _ sources: String, _ team: Team, _ scene: Scene, number: Int
  ) throws -> Row {
    let omar = try team.member("omar")
    let code = try Team.code(for: "guest \(number)", by: team.layla)
    var resident = 0
    var milliseconds: [Double] = []
    for round in 0..<Self.syncs {
      let author = round % 2 == 0 ? team.layla : omar
      try author.annotate("brown fox", as: "fox-\(number)-\(round)-\(sources)")
      milliseconds.append(
        try timed {
          let sync = try author.json("sync")
          #expect(sync["in_sync"]?.bool == true, "\(name)")
        })
      resident = max(resident, try #require(team.server.process).usage().residentBytes)
    }
    let guest = try scene.analyst("guest \(number)")
    let join = try timed { try guest("join", code) }
    return Row(
      name: name, sources: sources, milliseconds: milliseconds, joinMilliseconds: join,
      residentBytes: resident)
  }

  private func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .milliseconds(1)
  }
}
