import SimulationKit
import Testing

/// Words of the command line that are not UTF-8: names of files may be so, and nothing else.
@Suite struct ByteNameTests {
  /// Runs a script in which `$latin` is a name in Latin-1, `$other` another that looks the same in UTF-8,
  /// and `hashiya` the program.
  private func run(_ script: String, _ analyst: Analyst) throws -> ProcessOutcome {
    let names = "latin=$(printf 'caf\\351.txt'); other=$(printf 'caf\\350.txt')\n"
    return try ChildProcess(
      ProcessLaunch(
        executable: "/bin/sh",
        arguments: ["-c", names + "hashiya() { \"$program\" \"$@\"; }\n" + script],
        environment: analyst.machine.environment.merging(["program": Programs.hashiya]) { $1 },
        directory: analyst.folder)
    ).wait()
  }

  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try body(layla)
    }
  }

  @Test func `files whose names are not UTF-8 are read, each its own`() throws {
    try play { layla in
      let added = try run(
        "printf first > $latin; printf second > $other; hashiya article add $latin $other", layla)
      #expect(added.isSuccess, "\(added)")
      #expect(added.output.contains("caf\u{FFFD}.txt"))
      let titles = try layla.json("article", "list").items.compactMap { $0["title"]?.text }
      #expect(titles.sorted() == ["first", "second"])
      let line = #"{"op":"label","id":"l","name":"from a batch"}"#
      let batch = try run("printf '%s' '\(line)' > $latin; hashiya batch $latin", layla)
      #expect(batch.isSuccess, "\(batch)")
      #expect(try layla.json("label", "list")[0]?["name"]?.text == "from a batch")
      let bundle = try run("hashiya sync bundle apply $other", layla)
      #expect(bundle.code == 65, "\(bundle)")
      expectSays(bundle, ["caf\u{FFFD}.txt is no bundle"])
      try expectHealthy(layla)
    }
  }

  @Test func `words that are not UTF-8 are refused, and not stored otherwise than typed`() throws {
    try play { layla in
      for command in [
        "label add $latin", "article add $latin", "sync bundle create $latin",
        "list --tag \"$latin\"", "init $latin --analyst x", "status --store $latin",
      ] {
        let before = try StoreSnapshot(layla)
        let outcome = try run("hashiya \(command)", layla)
        #expect(outcome.code == 65, "\(command): \(outcome)")
        expectSays(outcome, ["caf\u{FFFD}.txt is not UTF-8"])
        #expect(try StoreSnapshot(layla) == before)
      }
      for command in ["init $latin --analyst x", "init --analyst x --store $latin"] {
        let outcome = try run("mkdir -p $latin; hashiya \(command)", layla)
        #expect(outcome.code == 65, "\(outcome)")
        expectSays(outcome, ["no store can be in it"])
      }
      let inside = try run("mkdir -p $latin; cd $latin; hashiya init --analyst x", layla)
      #expect(inside.code == 65, "\(inside)")
    }
  }
}
