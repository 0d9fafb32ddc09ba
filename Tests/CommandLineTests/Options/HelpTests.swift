import SimulationKit
import Testing

@Suite struct HelpTests {
  private static let analystCommands = [
    "", "init", "publish", "invite", "invite create", "invite list", "invite withdraw", "join",
    "member", "member list", "member role",
    "member revoke", "device", "device add", "device list", "device revoke", "article",
    "article add", "article list", "article show", "article edit", "article remove", "annotate",
    "edit", "delete", "restore", "reply", "relate", "list", "show", "why", "log", "conflicts",
    "resolve", "label", "label add", "label list", "label rename", "label merge", "label unmerge",
    "undo", "token", "batch", "sync", "sync push",
    "sync pull", "push", "pull", "sync status", "sync bundle", "sync bundle create",
    "sync bundle apply", "audit", "audit list", "audit show", "audit verify", "export", "status",
    "doctor", "server", "server show", "server set", "completions",
  ]

  private static let serverCommands = [
    "", "init", "workspace", "workspace create", "workspace list", "serve", "status", "audit",
    "audit list", "audit show", "audit why", "audit verify", "doctor", "bundle", "bundle apply",
    "completions",
  ]

  private func help(_ program: String, _ command: String, _ scene: Scene) throws -> ProcessOutcome {
    let layla = try scene.analyst("layla")
    return try ChildProcess(
      ProcessLaunch(
        executable: program, arguments: command.split(separator: " ").map(String.init) + ["--help"],
        environment: layla.machine.environment, directory: layla.folder)
    ).wait()
  }

  @Test func `every level of both programs has help with examples`() throws {
    try Scene.play { scene in
      for (program, commands) in [
        (Programs.hashiya, Self.analystCommands), (Programs.server, Self.serverCommands),
      ] {
        for command in commands {
          let outcome = try help(program, command, scene)
          #expect(outcome.isSuccess, "\(outcome)")
          #expect(outcome.output.contains("Examples:"), "\(outcome)")
          #expect(outcome.output.contains("USAGE"), "\(outcome)")
          #expect(outcome.messages == "")
        }
      }
    }
  }

  @Test func `help names every command of its level`() throws {
    try Scene.play { scene in
      for (program, commands) in [
        (Programs.hashiya, Self.analystCommands), (Programs.server, Self.serverCommands),
      ] {
        let top = try help(program, "", scene).output
        for command in commands where !command.isEmpty && !command.contains(" ") {
          #expect(top.contains(command), "\(command) of \(program)")
        }
      }
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are printed for the shells`(shell: String) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla("completions", shell)
      for command in ["annotate", "conflicts", "bundle"] {
        #expect(outcome.output.contains(command))
      }
      #expect(outcome.messages == "")
      #expect(try layla.run(["--generate-completion-script", shell]).isSuccess)
      #expect(try layla.run(["completions", "tcsh"]).code == 64)
    }
  }

  @Test func `both programs tell their version`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let version = try scene.analyst("layla")("--version").output
      #expect(version.first?.isNumber == true)
      #expect(try scene.analyst("layla")("--version").output == version)
      #expect(try server.version() == version)
    }
  }
}
