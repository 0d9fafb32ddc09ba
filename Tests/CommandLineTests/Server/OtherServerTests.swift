import SimulationKit
import Testing

@Suite struct OtherServerTests {
  @Test func `a server with another workspace behind the same address is refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      team.server.stop()
      // The same origin and slot name, but another log key and another workspace.
      let other = try scene.server("other", port: team.server.port)
      let claim = try other.createWorkspace()
      try other.start()
      let attempts = [(omar, "sync"), (omar, "push"), (omar, "pull"), (team.layla, "sync")]
      for (analyst, command) in attempts {
        try expectRefused(analyst, [command], code: 76, says: ["hashiya:"])
      }
      let stranger = try scene.analyst("stranger")
      try stranger("init", "--analyst", "stranger")
      try stranger("publish", claim)
      for (analyst, command) in attempts {
        try expectRefused(analyst, [command], code: 76, says: ["no prefix of this log"])
      }
      other.stop()
      try team.server.start()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a server that came back from an old backup goes on from the newest one too`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      team.server.stop()
      try scene.copy(team.server.data, to: scene.folder + "/backup")
      try team.server.start()
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      team.server.stop()
      try scene.copy(team.server.data, to: scene.folder + "/newest")
      try scene.copy(scene.folder + "/backup", to: team.server.data)
      try team.server.start()
      try team.layla.annotate("lazy dog", as: "dog")
      try expectRefused(
        team.layla, ["sync"], code: 75,
        says: ["the server was restored from an old copy", "your work is safe here"])
      team.server.stop()
      try scene.copy(scene.folder + "/newest", to: team.server.data)
      try team.server.start()
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 2)
    }
  }

  @Test func `a server that is not there is told with its address, and nothing is lost`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      team.server.stop()
      for command in ["sync", "push", "pull"] {
        try expectRefused(
          omar, [command], code: 69, says: [team.server.url, "nothing is lost"])
      }
      try team.server.start()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a revoked member is refused, keeps the work, and the others go on`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia", "omar"])
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try team.layla("member", "revoke", "omar")
      try team.layla("sync")
      try expectRefused(omar, ["sync"], code: 77, says: ["revoked"])
      #expect(try omar.annotationIDs().count == 1)
      let nadia = try team.member("nadia")
      try nadia.annotate("lazy dog", as: "dog")
      try expectConverged([team.layla, nadia], team.server)
      #expect(try team.layla.annotationIDs().count == 1)
    }
  }
}
