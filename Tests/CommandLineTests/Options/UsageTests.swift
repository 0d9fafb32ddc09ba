import SimulationKit
import Testing

@Suite struct UsageTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try body(layla)
    }
  }

  @Test(arguments: [
    (["help", "nosuch"], "hashiya has no command nosuch"),
    (["help", "sync", "nosuch"], "hashiya sync has no command nosuch"),
    (["sync", "nosuch"], "hashiya sync has no command nosuch"),
    (["sync", "pul"], "did you mean hashiya sync pull?"),
    (["quarantine", "nosuch"], "hashiya quarantine has no command nosuch"),
  ])
  func `a command that there is not is named`(arguments: [String], says: String) throws {
    try play { layla in
      try expectRefused(layla, arguments, code: 64, says: [says])
      #expect(try layla("help", "sync", "bundle").output.contains("sync bundle"))
      #expect(try layla("quarantine", "--json").output.contains("[]"))
    }
  }

  @Test func `export is in one format`() throws {
    try play { layla in
      try expectRefused(
        layla, ["export", "--format", "csv", "--json"], code: 64, says: ["exclude each other"])
    }
  }

  @Test func `leaves past the log's end are told with its size`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let outcome = try team.layla("audit", "list", "--from", "99")
      expectSays(outcome, ["the log here has", "leaves"])
      #expect(!outcome.messages.contains("publish"))
      #expect(try team.layla.json("audit", "list", "--from", "99") == .items([]))
      #expect(try team.layla.json("audit", "list", "--from", "1", "--limit", "1").items.count == 1)
    }
  }

  @Test func `a certificate that cannot be read is told in the system's words`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let outcome = try server.run([
        "serve", "--tls-certificate", "/nowhere.pem", "--tls-key", "/nowhere.key",
      ])
      #expect(outcome.code == 66, "\(outcome)")
      expectSays(outcome, ["/nowhere.pem", "No such file or directory"])
      let text = try scene.write("no certificate\n".utf8, to: "text.pem")
      let other = try server.run(["serve", "--tls-certificate", text, "--tls-key", text])
      expectSays(other, [text, "PEM"])
    }
  }

  @Test func `the server's help breaks none of its examples`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      for (command, example) in [
        (["init"], "hashiya-server init --origin example.org/gloss --url https://example.org\n"),
        (["serve"], "hashiya-server serve --host :: --tls-certificate c.pem --tls-key k.pem\n"),
      ] {
        let help = try ChildProcess(
          ProcessLaunch(
            executable: Programs.server, arguments: command + ["--help"],
            environment: server.machine.environment, directory: scene.folder)
        ).wait().output
        #expect(help.contains(example), "\(help)")
      }
    }
  }
}
