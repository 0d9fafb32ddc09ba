import SimulationKit
import Testing

@Suite struct SyncStatusTests {
  private static let pending = Shape.array(
    .object([
      "dot": .dot, "time": .time, "state": .word(["waiting", "acknowledged", "refused"]),
      "reason": .text,
    ]))

  private func explained(_ analyst: Analyst) throws -> [JSON] {
    let status = try analyst.json("sync", "status", "--explain")
    expect(status, .status)
    expect(status["pending"], Self.pending)
    return status["pending"]?.items ?? []
  }

  @Test func `every pending change is explained: where it is, and why`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let plain = try omar.json("sync", "status")
      expect(plain, .status)
      #expect(plain["pending"]?.isNull == true)
      #expect(try explained(omar) == [])
      let first = try omar.json("annotate", "text", "--quote", "brown fox", "--label", "x")
      let waiting = try explained(omar)
      #expect(waiting.map { $0["dot"] } == [first["dot"]])
      #expect(waiting[0]["state"]?.text == "waiting")
      #expect(waiting[0]["reason"]?.text?.contains("last sync") == true)
      try omar("push")
      let second = try omar.json("annotate", "text", "--quote", "lazy dog", "--label", "x")
      let both = try explained(omar)
      #expect(both.map { $0["dot"] } == [first["dot"], second["dot"]])
      #expect(both.map { $0["state"]?.text } == ["acknowledged", "waiting"])
      #expect(both[0]["reason"]?.text?.contains("hashiya pull") == true)
      let told = try omar("sync", "status", "--explain").output
      #expect(told.contains("1 change pending"))
      #expect(told.contains("acknowledged"))
      #expect(told.contains("waiting"))
      try omar("pull")
      #expect(try explained(omar).map { $0["dot"] } == [second["dot"]])
      team.server.stop()
      #expect(try explained(omar).count == 1, "it asks no server")
      try team.server.start()
      try omar("sync")
      #expect(try explained(omar) == [])
      #expect(try omar("sync", "status").output.contains("in sync with the server"))
    }
  }

  @Test func `what was refused is explained with what the server said`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["aida"])
      let aida = try team.member("aida")
      let made = try aida.json("annotate", "text", "--quote", "brown fox", "--label", "x")
      try team.layla("member", "role", "aida", "auditor")
      #expect(try aida.run(["sync"]).code == 77)
      let refused = try explained(aida)
      #expect(refused.map { $0["dot"] } == [made["dot"]])
      #expect(refused[0]["state"]?.text == "refused")
      #expect(refused[0]["reason"]?.text?.hasPrefix("not-permitted: ") == true)
      let status = try aida("status").output
      #expect(status.contains("refused and kept: 1 change"))
      #expect(status.contains("hashiya quarantine"))
    }
  }

  @Test func `status says what to type next, before anything is shared and after`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let alone = try layla("status").output
      #expect(alone.contains("hashiya publish CODE"))
      #expect(try explained(layla).allSatisfy { $0["reason"]?.text?.contains("no server") == true })
      let server = try scene.server()
      let claim = try server.createWorkspace()
      try server.start()
      try layla("publish", claim)
      let shared = try layla.json("status")
      #expect(shared["server"]?.text == server.url)
      expect(shared["last_sync"], .time)
      #expect(shared["news"] == .items([]))
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla))
      try omar.write(Team.text.utf8, to: Team.article)
      try omar("article", "add", Team.article)
      #expect(try omar("status").output.contains("1 change pending   → hashiya sync"))
      try omar("sync")
      try layla("sync")
      let news = try #require(layla.json("status")["news"])
      #expect(news[0]?["analyst"]?.text == "omar")
      #expect(news[0]?["changes"]?.int == 2, "his enrolment and his article")
      #expect(try layla("status").output.contains("2 by omar   → hashiya log"))
      try layla.annotate("brown fox", as: "fox")
      try layla("sync")
      try omar("sync")
      try omar("edit", "fox", "--label", "omars")
      try layla("edit", "fox", "--label", "laylas")
      try omar("sync")
      try layla("sync")
      #expect(try layla("status").output.contains("1 conflict   → hashiya conflicts"))
    }
  }
}
