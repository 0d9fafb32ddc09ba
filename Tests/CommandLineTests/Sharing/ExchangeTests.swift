import SimulationKit
import Testing

@Suite struct ExchangeTests {
  private static let pushes = [["sync", "push"], ["push"]]
  private static let pulls = [["sync", "pull"], ["pull"]]

  private func json(_ analyst: Analyst, _ command: [String]) throws -> JSON {
    let result = try analyst.run(command + ["--json"]).successful().json()
    expect(result, .sync)
    return result
  }

  @Test(arguments: pushes)
  func `a push sends and brings nothing, and nobody is in sync before a pull`(
    push: [String]
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      try omar.annotate("brown fox", as: "fox")
      try omar("edit", "fox", "--note", "which?")
      let pushed = try json(omar, push)
      #expect(pushed["pushed_changes"]?.int == 2)
      #expect(pushed["pulled_changes"]?.int == 0)
      #expect(pushed["in_sync"]?.bool == false)
      #expect(pushed["state_digest"]?.text != (try team.server.digest()))
      #expect(try omar.annotationIDs().count == 1, "Layla's annotation was not brought")
      #expect(try omar.json("status")["pending_changes"]?.int == 0, "the server has them")
      let again = try json(omar, push)
      #expect(again["pushed_changes"]?.int == 0, "nothing is sent twice")
      #expect(again["in_sync"]?.bool == false)
      let synced = try json(omar, ["sync"])
      #expect(synced["pushed_changes"]?.int == 0)
      #expect(synced["pulled_changes"]?.int == 1)
      #expect(synced["in_sync"]?.bool == true)
      #expect(try omar.json("status")["pending_changes"]?.int == 0)
      try expectConverged(team.all, team.server)
    }
  }

  @Test(arguments: pulls)
  func `a pull brings and sends nothing, and nobody is in sync while anything is pending`(
    pull: [String]
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      let before = try team.server.digest()
      try omar.annotate("brown fox", as: "fox")
      let pulled = try json(omar, pull)
      #expect(pulled["pushed_changes"]?.int == 0)
      #expect(pulled["pulled_changes"]?.int == 1)
      #expect(pulled["in_sync"]?.bool == false)
      #expect(try team.server.digest() == before)
      #expect(try omar.annotationIDs().count == 2)
      #expect(try omar.json("status")["pending_changes"]?.int == 1)
      let synced = try json(omar, ["sync"])
      #expect(synced["pushed_changes"]?.int == 1)
      #expect(synced["in_sync"]?.bool == true)
      try team.layla("sync")
      let idle = try json(team.layla, pull)
      #expect(idle["in_sync"]?.bool == true, "nothing is pending and nothing was brought")
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a state's digest counts what is pending, and is the one that the log comes to`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar("sync")
      let shared = try team.server.digest()
      #expect(try omar.digest() == shared)
      try omar.annotate("brown fox", as: "fox")
      let pending = try omar.digest()
      #expect(pending != shared)
      try omar("edit", "fox", "--note", "which?")
      let edited = try omar.digest()
      #expect(edited != pending)
      #expect(edited != shared)
      #expect(try team.server.digest() == shared)
      #expect(try team.layla.digest() == shared)
      let synced = try json(omar, ["sync"])
      #expect(synced["state_digest"]?.text == edited, "logging what was pending changes no value")
      #expect(try team.server.digest() == edited)
      try team.layla("sync")
      #expect(try team.layla.digest() == edited)
      // The same words by another author are another state.
      try team.layla.annotate("lazy dog", as: "dog")
      try omar.annotate("lazy dog", as: "dog")
      #expect(try team.layla.digest() != omar.digest())
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a sync of nothing is small however long the log is, and counts its bytes`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar("sync")
      let first = try json(omar, ["sync"])
      let note = String(repeating: "a long note ", count: 40)
      let lines = (0..<200).map {
        #"{"op":"annotate","id":"n\#($0)","article":"text.txt","spans":[[4,9]],"label":"x","#
          + #""note":"\#(note)\#($0)"}"#
      }
      try team.layla("batch", "-", "--commit-every", "10", input: lines.joined(separator: "\n"))
      let sent = try json(team.layla, ["sync"])
      let noteBytes = lines.count * note.utf8.count
      #expect((sent["bytes_sent"]?.int ?? 0) > noteBytes / 20, "compressed, all notes are in it")
      #expect((sent["bytes_received"]?.int ?? 0) > 0)
      let brought = try json(omar, ["sync"])
      #expect(brought["pulled_changes"]?.int == lines.count)
      #expect((brought["bytes_received"]?.int ?? 0) > noteBytes / 20)
      #expect((brought["bytes_sent"]?.int ?? 0) < (brought["bytes_received"]?.int ?? 0))
      let idle = try json(omar, ["sync"])
      #expect(idle["pushed_changes"]?.int == 0)
      #expect(idle["pulled_changes"]?.int == 0)
      #expect(idle["round_trips"]?.int == 1)
      for member in ["bytes_sent", "bytes_received"] {
        let bytes = try #require(idle[member]?.int)
        #expect(bytes > 0, "\(member)")
        #expect(bytes < 1_024, "\(member)")
        let early = try #require(first[member]?.int)
        #expect(abs(bytes - early) < 64, "\(member): \(early), then \(bytes)")
      }
    }
  }
}
