import Foundation
import SimulationKit
import Testing

/// The operator's page, typed as it stands.
@Suite struct RestoreDrillTests {
  /// A shell in a scene's folder that types the page's commands; the page says what `srv` and 7420
  /// stand for.
  private final class Desk {
    let team: Team
    private(set) var serving: ChildProcess?

    init(_ team: Team) { self.team = team }

    deinit { serving?.killNow() }

    @discardableResult
    func type(_ line: String) throws -> ProcessOutcome? {
      let words = line.split(separator: " ").map { word in
        switch word {
        case "srv": team.server.data
        case "7420": "\(team.server.port)"
        default: String(word)
        }
      }
      let member = try team.member("omar")
      let (executable, machine, environment): (String, Computer, [String: String]) =
        switch words[0] {
        case "hashiya": (Programs.hashiya, member.machine, ["HASHIYA_STORE": member.store])
        case "hashiya-server": (Programs.server, team.server.machine, [:])
        case "rm": ("/bin/rm", team.server.machine, [:])
        default: throw ProcessFailure("the page has a command of another program: \(line)")
        }
      let process = try ChildProcess(
        ProcessLaunch(
          executable: executable, arguments: Array(words.dropFirst()),
          environment: machine.environment.merging(environment) { $1 },
          directory: team.scene.folder))
      guard words.prefix(2) == ["hashiya-server", "serve"] else { return process.wait() }
      serving = process
      _ = try process.firstLine()
      return nil
    }

    /// Types a block, all of which succeeds; returns what the last command printed.
    @discardableResult
    func type(_ block: [String]) throws -> String {
      var output = ""
      for line in block { output = try type(line)?.successful().output ?? "" }
      return output
    }
  }

  @Test func `the restore drill brings everything back, byte for byte`() throws {
    try Scene.play { scene in
      let blocks = try OperatorsPage().blocks(of: "The restore drill")
      try #require(blocks.count == 5, "\(blocks)")
      let team = try Team(scene)
      let omar = try team.member("omar")
      let desk = Desk(team)

      try team.layla.annotate("quick", as: "before")
      try team.layla("sync")
      try desk.type(blocks[0])
      for (analyst, quote) in [(team.layla, "fox"), (omar, "dog")] {
        try analyst.annotate(quote, as: "after-\(analyst.name)")
        try analyst("sync")
      }
      let whole = try Whole(team.server)
      let size = try #require(whole.size)
      team.server.kill()

      let restored = try desk.type(blocks[1])
      #expect(restored.contains("takes nothing in"), "\(restored)")
      #expect(restored.contains("of \(size) leaves"), "\(restored)")
      // Layla has not got Omar's last change; her sync brings what she has, and loses nothing.
      try team.layla.annotate("lazy", as: "meanwhile")
      #expect(try team.layla.run(["sync"]).code == 75)
      #expect(try team.server.recoveryReason() == "leaves-lost")

      try desk.type(blocks[2])
      let healed = try desk.type(blocks[3])
      #expect(!healed.contains("takes nothing in"), "\(healed)")
      #expect(try Whole(team.server) == whole)
      try desk.type(blocks[4])
      try expectConverged(team.all, team.server)
      #expect(try omar.annotationIDs().count == 4)
    }
  }

  /// What a log is to whoever audits it.
  private struct Whole: Equatable {
    var size: Int?
    var root: String?
    var digest: String?
    var leaves: String

    init(_ server: ServerHost) throws {
      let workspace = try server.json("status")["workspaces"]?[0]
      size = workspace?["size"]?.int
      root = workspace?["root"]?.text
      digest = workspace?["state_digest"]?.text
      leaves = try server.run(["audit", "list", "--json"]).successful().output
    }
  }

  @Test func `every command that the page names is one, with its options`() throws {
    try Scene.play { scene in
      let machine = try scene.analyst("reader").machine
      let commands = try OperatorsPage().commands
      #expect(commands.count > 25, "\(commands)")
      for words in Set(commands) {
        let problem = try NamedCommand(words).problem(on: machine, in: scene.folder)
        #expect(problem == nil, "\(words.joined(separator: " "))")
      }
      let wrong = NamedCommand(["hashiya-server", "recover", "--guess"])
      #expect(try wrong.problem(on: machine, in: scene.folder) != nil)
      let missing = NamedCommand(["hashiya-server", "rewind"])
      #expect(try missing.problem(on: machine, in: scene.folder) != nil)
    }
  }
}
