import Foundation
import SimulationKit
import Testing

/// A join that did not come to its end, and codes as they are handed over.
@Suite struct JoinResumeTests {
  /// Layla's workspace on a server behind a relay, and an invite's code.
  private func play(
    _ body: (Scene, Relay, _ layla: Analyst, _ code: String) throws -> Void
  ) throws {
    try Scene.play { scene in
      let (port, target) = (try FreePort.next(), try FreePort.next())
      let server = try scene.server(port: target, publicPort: port)
      let relay = try Relay(port: port, target: target)
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      try body(scene, relay, layla, try Team.code(for: "nadia", by: layla))
    }
  }

  @Test func `an interrupted join goes on in its folder, and elsewhere is told where`() throws {
    try play { scene, relay, layla, code in
      let nadia = try scene.analyst("nadia")
      // The server enrols her, and she does not hear of it.
      relay.set(.cutAnswer(after: 0))
      let cut = try nadia.run(["join", code])
      #expect(cut.code == 69, "\(cut)")
      expectSays(cut, ["hashiya sync there", "the same hashiya join"])
      try nadia.write("A text.\n".utf8, to: "text.txt")
      for arguments in [
        ["status"], ["list"], ["export"], ["article", "add", "text.txt"], ["conflicts"],
        ["member", "list"], ["undo"], ["quarantine"], ["invite", "sami"],
        ["sync", "bundle", "create", "b"], ["backup", "create", "c"], ["audit", "verify"],
      ] {
        let refused = try nadia.run(arguments)
        #expect(refused.code == 66, "\(refused)")
        expectSays(
          refused, ["a join that is not finished", "hashiya sync", "the same hashiya join"])
      }
      #expect(try nadia.json("server")["url"]?.text?.hasPrefix("http://127.0.0.1") == true)
      relay.set(.pass)
      let elsewhere = try scene.analyst("elsewhere")
      let used = try elsewhere.run(["join", code])
      #expect(used.code == 77, "\(used)")
      expectSays(used, ["has been used", "in the folder where you did: hashiya sync"])
      let again = try nadia.run(["join", code])
      #expect(again.isSuccess, "\(again)")
      expectSays(again, ["going on with it"])
      #expect(again.output.contains("nadia joined"))
      // And once more, when all is done.
      #expect(try nadia.json("join", code)["analyst"]?.text == "nadia")
      #expect(try nadia.json("device", "list", "--member", "nadia").items.count == 1)
      let other = try Team.code(for: "omar", by: layla)
      let taken = try nadia.run(["join", other])
      #expect(taken.code == 73, "another code's store stays what it is: \(taken)")
    }
  }

  @Test func `a store that may be enrolled is not thrown away because somebody refuses it`() throws
  {
    try play { scene, relay, layla, code in
      let nadia = try scene.analyst("nadia")
      relay.set(.cutAnswer(after: 0))
      #expect(try nadia.run(["join", code]).code == 69)
      relay.set(.pass)
      let url = try #require(try nadia.json("server", "show")["url"]?.text)
      let stranger = try ScriptedServer(answers: [
        ScriptedServer.answer(
          "403 Forbidden", json: #"{"code":"not-enrolled","detail":"Nobody knows you."}"#)
      ])
      try nadia("server", "set", stranger.url)
      let refused = try nadia.run(["join", code])
      #expect(!refused.isSuccess, "\(refused)")
      expectSays(refused, ["is kept", "hashiya sync there"])
      try nadia("server", "set", url)
      try nadia("join", code)
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
      withExtendedLifetime(stranger) {}
    }
  }

  @Test func `what a join that was killed at once left behind does not stand in the way`() throws {
    try play { scene, _, _, code in
      let nadia = try scene.analyst("nadia")
      try FileManager.default.createDirectory(
        atPath: nadia.store, withIntermediateDirectories: true)
      try nadia.write([], to: ".hashiya/store.sqlite")
      try nadia("join", code)
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
      try expectHealthy(nadia)
    }
  }

  @Test func `on a terminal the line break ends a code, and the prompt says what to do`() throws {
    try play { scene, _, _, code in
      let nadia = try scene.analyst("nadia")
      let bad = try Terminal(nadia, ["join", "-"])
      try bad.press("hashiya1-invite-AAAA\n", at: "paste the code")
      try bad.wait(for: "cut short or mistyped")
      #expect(bad.end().code == 65)
      let terminal = try Terminal(nadia, ["join", "-"])
      try terminal.press(code + "\n", at: "paste the code")
      try terminal.wait(for: "nadia joined")
      #expect(terminal.end().code == 0)
    }
  }

  @Test func `a pipe need not end behind the code, which may be broken over lines`() throws {
    try play { scene, _, _, code in
      let nadia = try scene.analyst("nadia")
      let lines = "\n  " + code.prefix(60) + "\r\n" + code.dropFirst(60) + "\n"
      try nadia.write(lines.utf8, to: "code.txt")
      let script = "mkfifo f; exec 3<>f; cat code.txt >&3; exec \"$0\" join - <&3"
      let outcome = try ChildProcess(
        ProcessLaunch(
          executable: "/bin/sh", arguments: ["-c", script, Programs.hashiya],
          environment: nadia.machine.environment, directory: nadia.folder)
      ).wait()
      #expect(outcome.isSuccess, "\(outcome)")
      #expect(outcome.output.contains("nadia joined"))
    }
  }

  @Test func `marks and dashes that a chat put into a code are ignored`() throws {
    try play { scene, _, _, code in
      let nadia = try scene.analyst("nadia")
      let pasted = "\u{200F}\u{2068}" + code.replacing("-", with: "\u{2013}") + "\u{2069}\u{FEFF}"
      try nadia("join", pasted)
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
    }
  }
}
