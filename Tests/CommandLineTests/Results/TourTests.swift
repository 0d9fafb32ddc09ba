import SimulationKit
import Testing

@Suite struct TourTests {
  @Test func `every command that prints results prints the promised JSON`() throws {
    try Scene.play { scene in
      let server = try scene.server(origin: "tour.example/log")
      let slot = try server.json("workspace", "create", "press")
      expect(slot, .slot)
      #expect(slot["origin"]?.text == "tour.example/log/press")
      #expect(slot["key"]?.text?.hasPrefix("tour.example/log/press+") == true)
      try server.start()

      let layla = try scene.analyst("layla")
      let founded = try layla.json("init", "--analyst", "layla")
      expect(founded, .identity)
      #expect(founded["analyst"]?.text == "layla")
      let unpublished = try layla.json("status")
      expect(unpublished, .status)
      #expect(unpublished["log"]?.isNull == true)
      try addArticle(layla)
      let published = try layla.json("publish", slot["code"]?.text ?? "")
      expect(published, .identity)
      #expect(published["workspace"] == founded["workspace"])

      let invite = try layla.json("invite", "omar", "--role", "adjudicator")
      expect(invite, .invite)
      #expect(invite["role"]?.text == "adjudicator")
      let omar = try scene.analyst("omar")
      let joined = try omar.json("join", invite["code"]?.text ?? "")
      expect(joined, .identity)
      #expect(joined["analyst"]?.text == "omar")
      #expect(joined["workspace"] == founded["workspace"])

      try edit(layla)
      try syncBoth(layla, omar, server)
      try collide(layla, omar)
      try audit(layla, omar, server)
    }
  }

  @Test func `the server's init prints its origin`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let outcome = try server.launchInit(data: scene.folder + "/second", origin: "two.example")
      #expect(try outcome.json() == .members(["origin": .text("two.example")]))
    }
  }

  private func addArticle(_ layla: Analyst) throws {
    try layla.write(Team.text.utf8, to: Team.article)
    let added = try layla.json("article", "add", Team.article)
    expect(added, .articles)
    #expect(added.items.count == 1)
    #expect(added[0]?["file"]?.text == Team.article)
    #expect(added[0]?["code_points"]?.int == Team.text.unicodeScalars.count)
    #expect(added[0]?["id"] == added[0]?["sha256"])
    expect(try layla.json("article", "list"), .articles)
  }

  /// Every command that edits, what it answers, and what is listed afterwards.
  private func edit(_ layla: Analyst) throws {
    let made = try layla.json(
      "annotate", Team.article, "--quote", "brown fox", "--label", "animal", "--note", "which?",
      "--tag", "b", "--tag", "a", "--confidence", "0.85", "--id", "fox")
    expect(made, .edit)
    #expect(made["id"]?.text?.hasSuffix(made["handle"]?.text ?? "?") == true)
    let again = try layla.json(
      "annotate", Team.article, "--quote", "brown fox", "--label", "animal", "--note", "which?",
      "--tag", "b", "--tag", "a", "--confidence", "0.85", "--id", "fox")
    expect(again, .unchanged)
    #expect(again["id"] == made["id"])
    expect(try layla.json("edit", "fox", "--label", "beast"), .edit)
    expect(try layla.json("edit", "fox", "--label", "beast"), .unchanged)
    expect(try layla.json("delete", "fox"), .edit)
    #expect(try layla.json("list") == .items([]))
    expect(try layla.json("list", "--deleted"), .list)
    expect(try layla.json("delete", "fox"), .unchanged)
    expect(try layla.json("restore", "fox"), .edit)
    expect(try layla.json("restore", "fox"), .unchanged)
    expect(try layla.json("edit", "fox", "--remove-tag", "never"), .unchanged)
    let reply = try layla.json("reply", "fox", "that one")
    expect(reply, .edit)
    let dog = try layla.json(
      "annotate", Team.article, "--span", "4:9", "--span", "35:39", "--label", "animal")
    expect(dog, .edit)
    let relation = try layla.json("relate", "fox", "jumps over", "@")
    expect(relation, .edit)

    let list = try layla.json("list")
    expect(list, .list)
    #expect(list.items.count == 2)
    let fox = try #require(list.items.first { $0["id"] == made["id"] })
    #expect(fox["kind"]?.text == "annotation")
    #expect(fox["quote"]?.text == "brown fox")
    #expect(fox["spans"] == .items([.items([.int(10), .int(19)])]))
    #expect(fox["label"]?.text == "beast")
    #expect(fox["note"]?.text == "which?")
    #expect(Set(fox["tags"]?.items.compactMap(\.text) ?? []) == ["a", "b"])
    #expect(fox["confidence"]?.number == 0.85)
    #expect(fox["deleted"]?.bool == false)
    #expect(fox["conflicts"] == .items([]))
    let replies = try layla.json("list", "--kind", "reply")
    expect(replies, .list(of: "reply", id: .hex(32)))
    #expect(replies.items.map { $0["id"] } == [reply["id"]])
    #expect(replies[0]?["note"]?.text == "that one")
    let relations = try layla.json("list", "--kind", "relation")
    expect(relations, .list(of: "relation", id: .hex(32)))
    #expect(relations.items.map { $0["id"] } == [relation["id"]])
    #expect(relations[0]?["label"]?.isNull == true)
  }

  private func syncBoth(_ layla: Analyst, _ omar: Analyst, _ server: ServerHost) throws {
    let pending = try layla.json("status")["pending_changes"]?.int
    let sent = try layla.json("sync")
    expect(sent, .sync)
    #expect(sent["pushed_changes"]?.int == pending)
    #expect(sent["pulled_changes"]?.int == 1, "Omar's enrolment, and nothing of her own")
    #expect(sent["in_sync"]?.bool == true)
    let received = try omar.json("sync", "pull")
    expect(received, .sync)
    #expect(received["pulled_changes"]?.int == pending)
    #expect(received["state_digest"] == sent["state_digest"])
    #expect(received["log"] == sent["log"])
    expect(try omar.json("sync", "push"), .sync)
    let idle = try omar.json("sync")
    #expect(idle["round_trips"]?.int == 1)
    #expect(idle["pulled_changes"]?.int == 0)
    #expect(try server.digest() == sent["state_digest"]?.text)
    for (analyst, other) in [(layla, omar), (omar, layla)] {
      let status = try analyst.json("status")
      expect(status, .status)
      let vector = status["version_vector"]?.members ?? [:]
      #expect(vector[try other.replica()] != nil)
      #expect(status["log"]?["origin"]?.text == "tour.example/log/press")
    }
  }

  private func collide(_ layla: Analyst, _ omar: Analyst) throws {
    try layla("edit", "fox", "--label", "canine", "--confidence", "0.5")
    try omar("edit", "fox", "--label", "vulpine", "--confidence", "0.25")
    try layla("edit", "fox", "--span", "10:15")
    try omar("delete", "fox")
    try omar("sync")
    let sync = try layla.json("sync")
    #expect(sync["conflicts_opened"]?.int == 3, "label, confidence and lifecycle")
    #expect(try omar.json("sync")["conflicts_opened"]?.int == 3)
    let conflicts = try layla.json("conflicts")
    expect(conflicts, .conflicts)
    let fields = Dictionary(
      grouping: conflicts.items, by: { $0["field"]?.text ?? "" })
    #expect(Set(fields.keys) == ["label", "confidence", "lifecycle"])
    let label = try #require(fields["label"]?.first)
    #expect(
      Set(label["siblings"]?.items.compactMap { $0["value"]?.text } ?? []) == [
        "canine", "vulpine",
      ])
    #expect(fields["lifecycle"]?.first?["shown"]?.text == "live")
    let why = try layla.json("why", "fox", "label")
    expect(why, .why)
    #expect(why["fields"]?[0]?["field"]?.text == "label")
    #expect(why["fields"]?[0]?["siblings"]?.items.count == 2)
    expect(try layla.json("why", "fox"), .why)
    let resolved = try layla.json("resolve", "fox", "label", "--take", "omar", "--reason", "r")
    expect(resolved, .edit)
    expect(
      try layla.json("resolve", "fox", "confidence", "--value", "0.4", "--reason", "r"), .edit)
    expect(
      try layla.json("resolve", "fox", "lifecycle", "--value", "live", "--reason", "r"), .edit)
    #expect(try layla.json("conflicts") == .items([]))
    #expect(try layla.json("list", "--label", "vulpine").items.count == 1)
    let closed = try layla.json("sync")
    #expect(closed["in_sync"]?.bool == true)
    #expect(try omar.json("sync")["conflicts_closed"]?.int == 3)
  }

  private func audit(_ layla: Analyst, _ omar: Analyst, _ server: ServerHost) throws {
    let leaves = try layla.json("audit", "list")
    expect(leaves, .auditList)
    #expect(leaves.items.map { $0["index"]?.int } == Array(leaves.items.indices))
    #expect(leaves[0]?["type"]?.text == "genesis")
    let types = Set(leaves.items.compactMap { $0["type"]?.text })
    #expect(types.isSuperset(of: ["genesis", "enrol", "member", "edit"]))
    #expect(leaves.items.contains { $0["conflicts_opened"]?.int == 3 })
    #expect(leaves.items.reduce(0) { $0 + ($1["conflicts_closed"]?.int ?? 0) } == 3)
    let atServer = try server.json("audit", "list")
    expect(atServer, .auditList)
    #expect(atServer == leaves)
    let verified = try layla.json("audit", "verify")
    expect(verified, .auditVerify)
    #expect(verified["verified"]?.bool == true)
    #expect(verified["size"]?.int == leaves.items.count)
    #expect(try server.json("audit", "verify") == verified)
    #expect(try omar.json("audit", "verify") == verified)
    try expectConverged([layla, omar], server)
  }
}
