import SimulationKit
import Testing

@Suite struct ResolveQueueTests {
  /// What somebody types on a terminal, a key or a line at a time, and what the terminal shows.
  private func type(_ keys: [String], at analyst: Analyst) throws -> String {
    let typing = keys.map { "sleep 1; printf '\($0)'" }.joined(separator: "; ")
    let shown = try ChildProcess(
      ProcessLaunch(
        executable: "/bin/sh",
        arguments: [
          "-c", "(\(typing); sleep 1) | script -qefc '\(Programs.hashiya) resolve' /dev/null",
        ], environment: analyst.machine.environment, directory: analyst.folder)
    ).wait()
    return shown.output
  }

  @Test func `the walk through conflicts counts them, and a choice can be taken back`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for (quote, id) in [("brown fox", "fox"), ("lazy dog", "dog")] {
        try omar.annotate(quote, as: id)
      }
      try omar("sync")
      try team.layla("sync")
      for id in ["fox", "dog"] {
        try omar("edit", id, "--label", "omars")
        try team.layla("edit", id, "--label", "laylas")
      }
      try omar("sync")
      try team.layla("sync")
      let shown = try type(["1", "\\033\\n", "2", "read again\\n", "q"], at: team.layla)
      #expect(shown.contains("1 of 2"), "\(shown)")
      #expect(shown.contains("2 of 2"), "\(shown)")
      #expect(shown.contains("esc: choose again"), "\(shown)")
      #expect(shown.contains("1 resolved, 0 skipped"), "\(shown)")
      let left = try team.layla.json("conflicts").items
      #expect(left.count == 1)
      let log = try team.layla.json("log", "--limit", "1")
      #expect(log[0]?["parts"]?[0]?["reason"]?.text == "read again")
    }
  }
}
