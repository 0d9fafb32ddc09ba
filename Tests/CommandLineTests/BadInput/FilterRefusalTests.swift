import SimulationKit
import Testing

@Suite struct FilterRefusalTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox")
      try body(layla)
    }
  }

  @Test func `a filter by somebody or something that is not there is refused`() throws {
    try play { layla in
      for command in ["list", "conflicts"] {
        try expectRefused(
          layla, [command, "--analyst", "nobody"], code: 66,
          says: ["there is no member nobody", "members are layla"])
      }
      try expectRefused(
        layla, ["conflicts", "--field", "nofield"], code: 66,
        says: ["there is no field nofield", "label", "title", "lifecycle"])
      #expect(try layla.json("list", "--analyst", "LAYLA").items.count == 1)
      #expect(try layla.json("conflicts", "--field", "lifecycle") == .items([]))
    }
  }

  @Test func `why and resolve refuse a field that the record cannot have alike`() throws {
    try play { layla in
      for command in [["why", "fox", "nofield"], ["resolve", "fox", "nofield", "--merge"]] {
        let reason = command[0] == "resolve" ? ["--reason", "r"] : []
        try expectRefused(
          layla, command + reason, code: 66, says: ["there is no field nofield", "confidence"])
      }
    }
  }

  @Test func `why says that nobody touched a field, or the lifecycle`() throws {
    try play { layla in
      try expectRefused(
        layla, ["why", "fox", "lifecycle"], code: 66, says: ["nobody has deleted"])
      try expectRefused(layla, ["why", "fox", "note"], code: 66, says: ["nobody has written"])
    }
  }

  @Test func `a lifecycle is live or deleted, and is changed by delete and restore`() throws {
    try play { layla in
      try expectRefused(
        layla, ["resolve", "fox", "lifecycle", "--value", "live", "--reason", "r"], code: 65,
        says: ["is not in conflict", "hashiya delete"])
      try layla("delete", "fox")
      try expectRefused(
        layla, ["resolve", "fox", "lifecycle", "--value", "live", "--reason", "r"], code: 65,
        says: ["is not in conflict", "hashiya restore"])
    }
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try team.layla("sync")
      try team.layla("edit", "fox", "--note", "still needed")
      try omar("delete", "fox")
      try omar("sync")
      try team.layla("sync")
      try expectRefused(
        team.layla, ["resolve", "fox", "lifecycle", "--value", "dead", "--reason", "r"], code: 65,
        says: ["live or deleted"])
    }
  }
}
