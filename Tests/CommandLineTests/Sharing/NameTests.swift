import SimulationKit
import Testing

@Suite struct NameTests {
  @Test func `ruling 20: a person who is renamed stays the same one, and so does their work`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      let before = try team.layla.json("member", "list")
      try omar("member", "rename", "omar", "عمر")
      try expectConverged(team.all, team.server)
      let after = try team.layla.json("member", "list")
      #expect(after.items.map { $0["id"]?.text } == before.items.map { $0["id"]?.text })
      #expect(after.items.map { $0["name"]?.text } == ["layla", "عمر"])
      #expect(try team.layla.json("list")[0]?["analyst"]?.text == "عمر")
      #expect(try omar.json("status")["analyst"]?.text == "عمر")
      #expect(try team.layla.json("list", "--analyst", "عمر").items.count == 1)
      try expectRefused(
        omar, ["member", "rename", "layla", "other"], code: 77, says: ["no admin"])
      try expectRefused(omar, ["member", "rename", "عمر", "LAYLA"], code: 65, says: ["LAYLA"])
      try team.layla("member", "rename", "عمر", "omar")
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `ruling 28: a renamed label is found by both names, and shows the new one`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox", label: "claim")
      try omar("sync")
      try team.layla("sync")
      try team.layla("label", "rename", "claim", "assertion")
      #expect(try team.layla.json("list")[0]?["label"]?.text == "assertion")
      try omar.annotate("lazy dog", as: "dog", label: "claim")
      try expectConverged(team.all, team.server)
      let list = try team.layla.json("list")
      #expect(list.items.map { $0["label"]?.text } == ["assertion", "assertion"])
      #expect(try team.layla.json("label", "list").items.count == 1)
      // A current name beats a former one.
      try team.layla.annotate("quick", as: "quick", label: "claim")
      #expect(try team.layla.json("show", "quick")["label"]?.text == "assertion")
    }
  }
}
