import SimulationKit
import Testing

@Suite struct BatchTests {
  private func founder(_ scene: Scene, _ name: String = "layla") throws -> Analyst {
    let analyst = try scene.analyst(name)
    try analyst("init", "--analyst", name)
    return analyst
  }

  /// Runs a batch from standard input.
  private func batch(_ analyst: Analyst, _ lines: [String], _ options: String...) throws
    -> ProcessOutcome
  {
    try analyst.run(
      ["batch", "-", "--json"] + options, input: lines.joined(separator: "\n") + "\n")
  }

  private static let article = #"{"op":"article","id":"a1","title":"One","text":"one two three"}"#

  private static func annotate(_ id: String, _ label: String = "x") -> String {
    #"{"op":"annotate","id":"\#(id)","article":"a1","spans":[[0,3]],"label":"\#(label)"}"#
  }

  @Test func `every operation works, and ids are references afterwards`() throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      let outcome = try batch(
        layla,
        [
          Self.article,
          #"{"op":"annotate","id":"n1","article":"a1","spans":[[0,3],[8,13]],"#
            + #""label":"l","note":"n","tags":["t"]}"#,
          #"{"op":"annotate","id":"n2","article":"a1","quote":"two","label":"l"}"#,
          #"{"op":"edit","id":"n1","label":"m","note":"o","confidence":0.25}"#,
          #"{"op":"edit","id":"n2","spans":[[4,5]]}"#,
          #"{"op":"tag","id":"n1","tag":"u"}"#,
          #"{"op":"untag","id":"n1","tag":"t"}"#,
          #"{"op":"untag","id":"n1","tag":"never"}"#,
          #"{"op":"delete","id":"n2"}"#,
          #"{"op":"restore","id":"n2"}"#,
          #"{"op":"reply","id":"r1","parent":"n1","note":"p"}"#,
          #"{"op":"relate","id":"l1","from":"n1","type":"is","to":"n2"}"#,
        ])
      #expect(outcome.isSuccess, "\(outcome)")
      let result = try outcome.json()
      expect(result, .batch)
      #expect(result["lines"]?.int == 12)
      #expect(result["changes"]?.int == 11)
      #expect(result["unchanged"]?.int == 1)
      let first = try layla.json("show", "n1")
      let spans = [[0, 3], [8, 13]].map { JSON.items($0.map(JSON.int)) }
      #expect(first["spans"] == .items(spans))
      #expect(first["label"]?.text == "m")
      #expect(first["note"]?.text == "o")
      #expect(first["confidence"]?.number == 0.25)
      #expect(first["tags"] == .items([.text("u")]))
      #expect(try layla.json("show", "n2")["quote"]?.text == "t")
      #expect(try layla.json("list", "--kind", "reply")[0]?["note"]?.text == "p")
      #expect(try layla.json("list", "--kind", "relation").items.count == 1)
      #expect(try layla.json("status")["pending_changes"]?.int == 12)
      try expectHealthy(layla)
    }
  }

  @Test func `a batch that is run again changes nothing`() throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      let lines = [Self.article, Self.annotate("n1"), Self.annotate("n2")]
      try batch(layla, lines).successful()
      let before = try StoreSnapshot(layla)
      let again = try batch(layla, lines).successful().json()
      #expect(again["changes"]?.int == 0)
      #expect(again["unchanged"]?.int == 3)
      #expect(try StoreSnapshot(layla) == before)
    }
  }

  @Test func `an id with U+0000 is refused, and harms nobody who is called as it begins`() throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      let zero = #"a\u0000b"#
      for line in [
        #"{"op":"article","id":"\#(zero)","title":"T","text":"one text"}"#,
        #"{"op":"annotate","id":"n","article":"\#(zero)","spans":[[0,3]],"label":"x"}"#,
      ] {
        let outcome = try batch(layla, [line])
        #expect([65, 66].contains(outcome.code), "\(outcome)")
        expectSays(outcome, ["line 1"])
      }
      let named = try batch(layla, [#"{"op":"article","id":"a","title":"T","text":"one text"}"#])
      #expect(named.isSuccess, "\(named)")
      #expect(try layla.run(["article", "show", "a"]).isSuccess)
      try expectHealthy(layla)
    }
  }

  @Test func `a bad line is named, its transaction leaves nothing, and those before stay`() throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      let lines =
        [Self.article] + (1...5).map { Self.annotate("n\($0)") }
        + [#"{"op":"annotate","id":"bad","article":"a1","spans":[[0,99]],"label":"x"}"#]
        + [Self.annotate("n6")]
      let outcome = try batch(layla, lines, "--commit-every", "2")
      #expect(outcome.code == 65, "\(outcome)")
      expectSays(outcome, ["line 7", "0:99"])
      #expect(try outcome.json()["lines"]?.int == 6)
      #expect(try layla.annotationIDs().count == 5)
      let whole = try batch(layla, [Self.annotate("m1"), "not json"])
      #expect(whole.code == 65)
      expectSays(whole, ["line 2", "JSON"])
      #expect(try whole.json()["changes"]?.int == 0)
      #expect(try layla.annotationIDs().count == 5)
      try expectHealthy(layla)
    }
  }

  @Test(arguments: [
    ("[]", "object"), (#"{"op":"fly","id":"x"}"#, "fly"), (#"{"op":"delete"}"#, "id"),
    (#"{"op":"delete","id":7}"#, "id"), (#"{"op":"delete","id":"x","id":"y"}"#, "twice"),
    (#"{"op":"edit","id":"n1"}"#, "label"),
    (#"{"op":"edit","id":"n1","confidence":2}"#, "confidence"),
    (#"{"op":"edit","id":"n1","label":"y","colour":"red"}"#, "colour"),
    (#"{"op":"annotate","id":"q","article":"a1","quote":"four","label":"x"}"#, "quote"),
    (
      #"{"op":"annotate","id":"q","article":"a1","spans":[[0,3]],"quote":"two","label":"x"}"#,
      "one"
    ),
    (#"{"op":"resolve","id":"n1","field":"label","value":"x","reason":"r"}"#, "label"),
  ])
  func `lines that are no edits are refused with their number and reason`(
    line: String, word: String
  ) throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      try batch(layla, [Self.article, Self.annotate("n1")]).successful()
      let before = try StoreSnapshot(layla)
      let outcome = try batch(layla, ["", line])
      #expect(outcome.code == 65, "\(outcome)")
      expectSays(outcome, ["line 2", word])
      #expect(try StoreSnapshot(layla) == before)
    }
  }

  @Test(arguments: [
    (#"{"op":"delete","id":"nobody"}"#, "no record nobody"),
    (
      #"{"op":"annotate","id":"q","article":"zz","spans":[[0,1]],"label":"x"}"#,
      "no article zz"
    ),
    (#"{"op":"reply","id":"r","parent":"nobody","note":"x"}"#, "no record nobody"),
  ])
  func `lines about what does not exist are refused with their number and what it is`(
    line: String, words: String
  ) throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      try batch(layla, [Self.article, Self.annotate("n1")]).successful()
      let before = try StoreSnapshot(layla)
      let outcome = try batch(layla, ["", line])
      #expect(outcome.code == 66, "\(outcome)")
      expectSays(outcome, ["line 2", words])
      #expect(try StoreSnapshot(layla) == before)
    }
  }

  @Test func `the same id on two replicas is the same record`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try batch(team.layla, [Self.article, Self.annotate("n1", "laylas")]).successful()
      try batch(omar, [Self.article, Self.annotate("n1", "omars")]).successful()
      #expect(try team.layla.annotationIDs() == omar.annotationIDs())
      let separate = try batch(omar, [Self.annotate("n1", "other")], "--namespace", "elsewhere")
      #expect(separate.isSuccess, "\(separate)")
      #expect(try omar.annotationIDs().count == 2)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 2)
      let conflicts = try team.layla.json("conflicts")
      #expect(conflicts.items.map { $0["field"]?.text } == ["label"])
      let uuid = "0195f0a0-0000-7000-8000-00000001abcd"
      try batch(team.layla, [Self.annotate(uuid)]).successful()
      #expect(
        try team.layla.annotationIDs().contains(
          uuid.split(separator: "-").joined()))
    }
  }

  @Test func `edits of conflicts and deleted records stop a batch, or are skipped and reported`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try batch(
        team.layla, [Self.article, Self.annotate("n1"), Self.annotate("n2"), Self.annotate("n3")]
      ).successful()
      try team.layla("sync")
      try omar("sync")
      try batch(omar, [#"{"op":"edit","id":"n1","label":"o"}"#]).successful()
      try batch(
        team.layla, [#"{"op":"edit","id":"n1","label":"l"}"#, #"{"op":"delete","id":"n2"}"#]
      ).successful()
      try omar("sync")
      try team.layla("sync")
      let lines = [
        #"{"op":"edit","id":"n3","label":"y"}"#, #"{"op":"edit","id":"n1","label":"z"}"#,
        #"{"op":"edit","id":"n2","label":"z"}"#, #"{"op":"edit","id":"n3","note":"w"}"#,
      ]
      let before = try StoreSnapshot(team.layla)
      let stopped = try batch(team.layla, lines)
      #expect(stopped.code == 65, "\(stopped)")
      expectSays(stopped, ["line 2", "hashiya resolve"])
      #expect(try StoreSnapshot(team.layla) == before)
      let skipped = try batch(team.layla, lines, "--skip-refused").successful().json()
      expect(skipped, .batch)
      #expect(skipped["changes"]?.int == 2)
      #expect(skipped["refused"]?.items.map { $0["line"]?.int } == [2, 3])
      let resolved = try batch(
        team.layla,
        [#"{"op":"resolve","id":"n1","field":"label","value":"both","reason":"talked"}"#])
      #expect(resolved.isSuccess, "\(resolved)")
      #expect(try team.layla.json("conflicts") == .items([]))
      try expectConverged(team.all, team.server)
      #expect(try omar.json("show", "n1")["label"]?.text == "both")
    }
  }

  @Test func `one id for two articles is refused, and namespaces keep ids apart`() throws {
    try Scene.play { scene in
      let layla = try founder(scene)
      let again = #"{"op":"article","id":"a1","title":"Two","text":"other words"}"#
      let twice = try batch(layla, [Self.article, again])
      #expect(twice.code == 65, "\(twice)")
      expectSays(twice, ["line 2", "other content"])
      #expect(try layla.json("article", "list").items.isEmpty)

      #expect(try batch(layla, [Self.article, Self.annotate("n1", "here")]).isSuccess)
      let elsewhere = try batch(
        layla,
        [again, #"{"op":"annotate","id":"n1","article":"a1","quote":"other","label":"there"}"#],
        "--namespace", "import")
      #expect(elsewhere.isSuccess, "\(elsewhere)")
      #expect(try layla.json("list").items.count == 2)
      #expect(try layla.json("show", "n1")["label"]?.text == "here")
      let edit = try batch(
        layla, [#"{"op":"edit","id":"n1","note":"of the import"}"#], "--namespace", "import")
      #expect(edit.isSuccess, "\(edit)")
      let notes = try layla.json("list").items.map { ($0["label"]?.text, $0["note"]?.text) }
      #expect(notes.contains { $0 == ("there", "of the import") }, "\(notes)")
      #expect(try batch(layla, [], "--namespace", "").code == 64)
    }
  }

  @Test func `the quote of a resolved target must be what its spans cover`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try team.layla("sync")
      try omar("edit", "fox", "--span", "4:9")
      try team.layla("edit", "fox", "--span", "0:3")
      try omar("sync")
      try team.layla("sync")
      func resolve(_ quote: String) -> String {
        #"{"op":"resolve","id":"fox","field":"target","reason":"r","value":"#
          + #"{"spans":[[4,9]],"quote":"\#(quote)"}}"#
      }
      let wrong = try batch(team.layla, [resolve("WRONG")])
      #expect(wrong.code == 65, "\(wrong)")
      expectSays(wrong, ["line 1", "quick"])
      #expect(try batch(team.layla, [resolve("quick")]).isSuccess)
      #expect(try team.layla.json("show", "fox")["quote"]?.text == "quick")
    }
  }
}
