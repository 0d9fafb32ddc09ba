import SimulationKit
import Testing

@Suite struct IdentityTests {
  /// A team of Layla and Omar, in which Omar has a synced annotation `base`.
  private func play(_ body: (Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("quick brown", as: "base")
      try omar("sync")
      try body(team, omar)
    }
  }

  /// Expects everybody's work in one state, each piece once, and so many replicas of Omar's.
  private func expectWhole(
    _ team: Team, _ stores: [Analyst], works: [String], enrolments: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectConverged([team.layla] + stores, team.server, sourceLocation: sourceLocation)
    for store in [team.layla] + stores {
      let list = try store.json("list").items
      let notes = list.compactMap { $0["note"]?.text }.sorted()
      #expect(notes == works.sorted(), "\(store.machine.name)", sourceLocation: sourceLocation)
      #expect(Set(list.compactMap { $0["id"]?.text }).count == list.count)
    }
    let layla = team.layla
    let count = try layla.json("audit", "list").items
      .filter { $0["analyst"]?.text == "omar" && $0["type"]?.text == "enrol" }.count
    #expect(count == enrolments, "replicas of Omar's", sourceLocation: sourceLocation)
    try expectNoDotTwice(layla, sourceLocation: sourceLocation)
  }

  /// No counter of a replica stands in two leaves.
  private func expectNoDotTwice(
    _ analyst: Analyst, sourceLocation: SourceLocation
  ) throws {
    var last: [String: Int] = [:]
    for leaf in try analyst.json("audit", "list").items {
      guard let replica = leaf["replica"]?.text, let first = leaf["first"]?.int,
        let end = leaf["last"]?.int
      else { continue }
      #expect(first == last[replica, default: 0] + 1, sourceLocation: sourceLocation)
      last[replica] = end
    }
  }

  /// Annotates with a note that tells the work apart.
  private func work(_ analyst: Analyst, _ note: String, _ quote: String = "lazy dog") throws {
    try analyst(
      "annotate", Team.article, "--quote", quote, "--label", "claim", "--note", note)
  }

  private func play(_ body: (Team, Analyst, _ base: [String]) throws -> Void) throws {
    try play { team, omar in
      try omar("edit", "base", "--note", "base")
      try omar("sync")
      try body(team, omar, ["base"])
    }
  }

  @Test func `a copied store and its original both go on, and nothing is lost or doubled`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      let copy = try omar.copied(to: "second-laptop")
      try work(omar, "on the first")
      try work(copy, "on the second", "brown fox")
      try omar("sync")
      try copy("sync")
      #expect(try omar.replica() != copy.replica())
      try work(omar, "later on the first")
      try work(copy, "later on the second")
      try expectWhole(
        team, [omar, copy],
        works: base + [
          "on the first", "on the second", "later on the first", "later on the second",
        ], enrolments: 2)
    }
  }

  @Test func `unsynced work that both copies hold counts once`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try work(omar, "before the copy")
      let copy = try omar.copied(to: "second-laptop")
      try work(copy, "on the second")
      try work(omar, "on the first")
      try copy("sync")
      try omar("sync")
      try expectWhole(
        team, [omar, copy], works: base + ["before the copy", "on the first", "on the second"],
        enrolments: 2)
    }
  }

  @Test func `a copy that is only read mints no successor, and one that syncs mints one`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      let copy = try omar.copied(to: "second-laptop")
      try copy("list")
      try copy("status")
      try copy("audit", "verify")
      #expect(try copy.replica() == omar.replica())
      try work(omar, "on the first")
      try expectWhole(team, [omar], works: base + ["on the first"], enrolments: 1)
      try expectWhole(team, [omar, copy], works: base + ["on the first"], enrolments: 2)
    }
  }

  @Test func `yesterday's copy restored elsewhere goes on as a successor`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try omar.backUp()
      try work(omar, "after the backup")
      try omar("sync")
      let elsewhere = try omar.scene.analyst("omar", on: omar.scene.machine("new-laptop"))
      try omar.scene.copy(omar.scene.folder + "/backups/backup", to: elsewhere.store)
      try work(elsewhere, "on the restored one")
      try elsewhere("sync")
      try expectWhole(
        team, [omar, elsewhere], works: base + ["after the backup", "on the restored one"],
        enrolments: 2)
    }
  }

  @Test func `yesterday's copy restored in place goes on as a successor`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try omar.backUp()
      try work(omar, "after the backup")
      try omar("sync")
      try omar.bringBack()
      try work(omar, "on the restored one")
      try omar("sync")
      try expectWhole(
        team, [omar], works: base + ["after the backup", "on the restored one"], enrolments: 2)
    }
  }

  @Test func `a machine that is rolled back with the store loses nothing`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try omar.backUp()
      try omar.backUpMachine()
      try work(omar, "after the backup")
      try omar("sync")
      try omar.bringBack()
      try omar.bringBackMachine()
      // No sign of the doubt here: only the server can tell that these numbers are taken.
      try work(omar, "on the rolled back one")
      try work(omar, "and one more", "brown fox")
      try omar("sync")
      try expectWhole(
        team, [omar],
        works: base + ["after the backup", "on the rolled back one", "and one more"],
        enrolments: 2)
    }
  }

  @Test func `a machine that is rolled back before anything new is told on the next sync`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try omar.backUp()
      try omar.backUpMachine()
      try work(omar, "after the backup")
      try omar("sync")
      try omar.bringBack()
      try omar.bringBackMachine()
      try omar("sync")
      try work(omar, "then")
      try omar("sync")
      try expectWhole(team, [omar], works: base + ["after the backup", "then"], enrolments: 2)
    }
  }

  @Test func `two copies that are each copied again still converge`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      try work(omar, "a")
      let second = try omar.copied(to: "second")
      try work(second, "b")
      let third = try second.copied(to: "third")
      try work(third, "c")
      try work(second, "d")
      try work(omar, "e")
      for store in [third, omar, second] { try store("sync") }
      try expectWhole(
        team, [omar, second, third], works: base + ["a", "b", "c", "d", "e"], enrolments: 3)
    }
  }

  @Test func `ordinary work, moved folders and killed commands mint no successor`() throws {
    try play { (team: Team, omar: Analyst, base: [String]) in
      for round in 0..<4 {
        try work(omar, "round \(round)")
        try omar.start(["edit", "@", "--label", "killed-\(round)"]).killNow()
        try omar("sync")
      }
      try expectWhole(
        team, [omar], works: base + (0..<4).map { "round \($0)" }, enrolments: 1)
    }
  }
}
