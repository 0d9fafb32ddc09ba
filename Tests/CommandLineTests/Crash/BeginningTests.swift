import SimulationKit
import Testing

/// A beginning that is killed, at each of its steps on files in turn: whoever types it again has a store.
@Suite struct BeginningTests {
  /// Beyond these steps the file stands and only grows, so that some are enough.
  private static let everyStepUpTo = 30
  private static let stride = 9

  @Test func `an init that is killed at any step is done by the next one, or was done`() throws {
    try Scene.play { scene in
      let steps = try Self.forEachStep { step in
        let newcomer = try scene.analyst("newcomer-\(step)")
        let beginning = ["init", "--analyst", "newcomer", "--json"]
        let killed = try newcomer.run(beginning, killedAtStep: step)
        guard killed.exit == .signal(9) else { return false }
        let status = try newcomer.run(["status", "--json"])
        if !status.isSuccess {
          #expect(status.code == 66, "step \(step): \(status)")
          #expect(status.messages.contains("hashiya init"), "step \(step): \(status)")
        }
        let again = try newcomer.run(beginning)
        #expect(again.code == (status.isSuccess ? 73 : 0), "step \(step): \(again)")
        try expectHealthy(newcomer)
        return true
      }
      #expect(steps > Self.everyStepUpTo, "only \(steps) steps")
    }
  }

  @Test func `a join that is killed at any step goes on when it is typed again`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let steps = try Self.forEachStep { step in
        let newcomer = try scene.analyst("newcomer-\(step)")
        let joining = ["join", try Team.code(for: newcomer.name, by: team.layla)]
        let killed = try newcomer.run(joining, killedAtStep: step)
        guard killed.exit == .signal(9) else { return false }
        let again = try newcomer.run(joining)
        #expect(again.isSuccess, "step \(step): \(again)")
        #expect(try newcomer.enrolments() == 1, "step \(step)")
        return step < 300
      } every: {
        // What comes before the file is the same as for an init, and was killed there.
        $0 < 10 ? $0 + 3 : $0 + ($0 < 16 ? 1 : 37)
      }
      #expect(steps > 10, "only \(steps) steps")
    }
  }

  @Test func `a backup that is killed while it is restored is restored by the next one`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("backup", "create", layla.folder + "/copy")
      let steps = try Self.forEachStep { step in
        let other = try scene.analyst("other-\(step)")
        let restoring = ["backup", "restore", layla.folder + "/copy", other.folder]
        let killed = try other.run(restoring, killedAtStep: step)
        guard killed.exit == .signal(9) else { return false }
        let again = try other.run(restoring)
        let isThere = try other.run(["status"]).isSuccess
        #expect(again.isSuccess || again.code == 73 && isThere, "step \(step): \(again)")
        #expect(isThere, "step \(step)")
        return true
      } every: {
        $0 < Self.everyStepUpTo ? $0 + 2 : $0 + 4 * Self.stride
      }
      #expect(steps > 10, "only \(steps) steps")
    }
  }

  @Test func `of an init and a restore in one folder at once, one makes the store`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("backup", "create", layla.folder + "/copy")
      for number in 0..<8 {
        let folder = try scene.analyst("folder-\(number)")
        let started = try [
          folder.start(["backup", "restore", layla.folder + "/copy", "--json"]),
          folder.start(["init", "--analyst", "omar", "--json"]),
        ]
        let outcomes = started.map { $0.wait() }
        let made = outcomes.filter(\.isSuccess)
        #expect(made.count == 1, "\(outcomes)")
        #expect(outcomes.contains { [73, 75].contains($0.code) }, "\(outcomes)")
        let identity = try #require(made.first).json()
        #expect(try folder.json("status")["workspace"] == identity["workspace"], "\(outcomes)")
        try expectHealthy(folder)
      }
    }
  }

  /// Calls `body` with steps until it says that there are no more; returns the last.
  private static func forEachStep(
    _ body: (Int) throws -> Bool,
    every next: (Int) -> Int = {
      $0 < BeginningTests.everyStepUpTo ? $0 + 1 : $0 + BeginningTests.stride
    }
  ) rethrows -> Int {
    var step = 1
    while try body(step) { step = next(step) }
    return step
  }
}
