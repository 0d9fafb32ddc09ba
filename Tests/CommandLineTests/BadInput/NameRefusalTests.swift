import SimulationKit
import Testing

@Suite struct NameRefusalTests {
  @Test(arguments: ["", " ", "\u{7}", "a\nb", "lay\u{202E}la", String(repeating: "x", count: 257)])
  func `init takes no name that an invite could not give, and makes nothing`(
    name: String
  ) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla.run(["init", "desk", "--analyst", name])
      #expect(outcome.code == 65, "\(outcome)")
      expectSays(outcome, ["the name"])
      #expect(try layla.run(["status", "--store", "desk"]).code == 66, "nothing was made")
    }
  }

  @Test func `white space around a name is no part of it`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      #expect(try layla.json("init", "--analyst", " layla ")["analyst"]?.text == "layla")
    }
  }

  @Test func `nobody is invited under a name that looks like another's`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["zoé"])
      for name in ["zoé", "ZOÉ", "zoe\u{301}", " Zoé "] {
        try expectRefused(
          team.layla, ["invite", name], code: 65, says: ["somebody is called", "already"])
      }
      try expectRefused(team.layla, ["invite", "LAYLA"], code: 65, says: ["already"])
    }
  }

  @Test(arguments: [["invite", "nadia"], ["device", "add"]])
  func `a code that would be dead at once is not made`(command: [String]) throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      for moment in ["2020-01-01", "2020-01-01T12:00:00Z"] {
        try expectRefused(
          team.layla, command + ["--expires", moment], code: 64, says: ["is past", "7d"])
      }
    }
  }
}
