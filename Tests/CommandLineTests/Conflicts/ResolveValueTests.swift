import SimulationKit
import Testing

@Suite struct ResolveValueTests {
  /// A field, how the two come to differ about it, what a third value is, and how `show` has it.
  struct Case: CustomTestStringConvertible, Sendable {
    var field: String
    var omars: [String]
    var laylas: [String]
    var value: String
    var member: String
    var shown: JSON

    var testDescription: String { "\(field) \(value)" }
  }

  private static func spans(_ pairs: [Int]...) -> JSON {
    .items(pairs.map { .items($0.map(JSON.int)) })
  }

  static let cases = [
    Case(
      field: "label", omars: ["edit", "fox", "--label", "a"],
      laylas: ["edit", "fox", "--label", "b"], value: "third", member: "label",
      shown: .text("third")),
    Case(
      field: "note", omars: ["edit", "fox", "--note", "a"],
      laylas: ["edit", "fox", "--note", "b"], value: "- one\n- كُتِبَ", member: "note",
      shown: .text("- one\n- كُتِبَ")),
    Case(
      field: "note", omars: ["edit", "fox", "--note", "a"],
      laylas: ["edit", "fox", "--note", "b"], value: "", member: "note", shown: .null),
    Case(
      field: "confidence", omars: ["edit", "fox", "--confidence", "0.1"],
      laylas: ["edit", "fox", "--confidence", "0.9"], value: "0.625", member: "confidence",
      shown: .double(0.625)),
    Case(
      field: "target", omars: ["edit", "fox", "--span", "4:19"],
      laylas: ["edit", "fox", "--span", "10:15"], value: "35:39 4:9", member: "spans",
      shown: spans([4, 9], [35, 39])),
    Case(
      field: "lifecycle", omars: ["delete", "fox"], laylas: ["edit", "fox", "--note", "kept"],
      value: "live", member: "deleted", shown: .bool(false)),
    Case(
      field: "lifecycle", omars: ["delete", "fox"], laylas: ["edit", "fox", "--note", "kept"],
      value: "deleted", member: "deleted", shown: .bool(true)),
  ]

  private func play(_ test: Case, _ body: (Team) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(omar: test.omars, layla: test.laylas)
      #expect(
        try team.layla.json("conflicts").items.map { $0["field"]?.text } == [test.field])
      try body(team)
    }
  }

  @Test(arguments: cases) func `a value of one's own decides a conflict about any field`(
    test: Case
  ) throws {
    try play(test) { team in
      let made = try team.layla.json(
        "resolve", "fox", test.field, "--value", test.value, "--reason", "neither is right")
      expect(made, .edit)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.json("conflicts") == .items([]))
        #expect(try analyst.shown("fox", test.member) == test.shown)
      }
    }
  }

  @Test func `a value comes from standard input, as the other texts do`() throws {
    try play(Self.cases[1]) { team in
      try team.layla(
        "resolve", "fox", "note", "--value", "-", "--reason", "r", input: "two\nlines\n")
      #expect(try team.layla.shown("fox", "note")?.text == "two\nlines")
    }
  }

  @Test(arguments: [
    ("confidence", "much"), ("confidence", "1.5"), ("target", "9:4"), ("target", "0:5000"),
    ("target", "4:9 8:12"), ("target", ""), ("label", ""),
  ])
  func `a value that the field cannot hold is refused, and decides nothing`(
    field: String, value: String
  ) throws {
    let test = try #require(Self.cases.first { $0.field == field })
    try play(test) { team in
      try expectRefused(
        team.layla, ["resolve", "fox", field, "--value", value, "--reason", "r"], code: 65,
        says: value.isEmpty ? ["hashiya:"] : [String(value.prefix(3))])
      #expect(try team.layla.json("conflicts").items.count == 1)
    }
  }
}
