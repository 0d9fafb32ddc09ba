import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

@Suite struct ForgedWorkspaceTests {
  @Test func `a joiner takes no other workspace than the invite's, and keeps the proof`() throws {
    try Scene.play { scene in
      let server = try scene.server(publicPort: FreePort.next())
      let relay = try AnswerRelay(port: server.publicPort, target: server.port)
      let claim = try server.createWorkspace(LiedTo.slot)
      // The operator publishes another workspace under the same key, in a copy of the empty slot.
      let forger = try scene.server("forger", publicPort: server.publicPort)
      try scene.copy(server.data, to: forger.data)
      try scene.copy(server.machine.stateFolder, to: forger.machine.stateFolder)
      try forger.start()
      relay.set(target: forger.port)
      let mallory = try scene.analyst("mallory")
      try mallory("init", "--analyst", "layla")
      try mallory.write("A forged article.\n".utf8, to: "forged.txt")
      try mallory("article", "add", "forged.txt")
      try mallory("publish", claim)
      let forged = try LiedTo.entries(mallory)
      let note = try LiedTo.note(forged.map(\.leaf), by: LiedTo.signer(server))

      try server.start()
      relay.set(target: server.port)
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      let code = try Team.code(for: "omar", by: layla)
      let workspace = try #require(hexBytes(try layla.json("status")["workspace"]?.text ?? ""))
      let accepted = WireResponseFrame { $0.outcome.accepted.leafIndex = UInt64(forged.count) - 1 }
      relay.set(
        AnswerRelay.Change(request: nil) { _ in
          [.welcome(workspace, size: forged.count), accepted] + forged.map { .entry($0) }
            + [.checkpoint(note), .end]
        })
      let omar = try scene.analyst("omar")
      let outcome = try omar.run(["join", code])
      #expect(outcome.code == 76, "\(outcome)")
      expectSays(outcome, ["leaf 0", "no store was made", "hashiya-evidence.json"])
      #expect(!FileManager.default.fileExists(atPath: omar.store))
      #expect(try omar.run(["list"]).code == 66)
      let key = try #require(try server.json("workspace", "list")[0]?["key"]?.text)
      try omar("evidence", "check", "hashiya-evidence.json", "--key", key)

      // The same code joins once the server tells the truth.
      relay.set(nil)
      try omar("join", code)
      #expect(try omar.json("status")["workspace"] == layla.json("status")["workspace"])
      withExtendedLifetime(relay) {}
    }
  }

  @Test func `a store in which everything was replaced is found by what its owner knows`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let honest = try omar.json("audit", "verify")
      let workspace = try #require(honest["workspace"]?.text)
      let key = try #require(honest["key"]?.text)
      #expect(honest["origin"]?.text == "scene.example/log/press")
      // Another team's store, whole, where Omar's was.
      let other = try scene.server("other")
      let claim = try other.createWorkspace()
      try other.start()
      let mallory = try scene.analyst("mallory")
      try mallory("init", "--analyst", "layla")
      try mallory("publish", claim)
      let auditor = try scene.analyst("auditor")
      try mallory.copyStore(to: auditor)
      #expect(try auditor.run(["audit", "verify"]).isSuccess)
      for pin in [["--workspace", workspace], ["--key", key]] {
        for command in [["audit", "verify"], ["doctor"]] {
          let outcome = try auditor.run(command + pin)
          #expect(outcome.code == 1, "\(command) \(pin): \(outcome)")
          #expect(try omar.run(command + pin).isSuccess, "\(command) \(pin)")
        }
      }
      for (command, server) in [(["audit", "verify"], team.server), (["doctor"], team.server)] {
        #expect(try server.run(command + ["--workspace", workspace, "--key", key]).isSuccess)
        #expect(try other.run(command + ["--workspace", workspace]).code == 1)
        #expect(try other.run(command + ["--key", key]).code == 1)
      }
      let usage = try omar.run(["audit", "verify", "--key", "nonsense"])
      #expect(usage.code == 64, "\(usage)")
    }
  }

  @Test func `a checkpoint kept from before pins the history`() throws {
    try LiedTo.play { team in
      let twin = try team.twin()
      try team.omar.annotate("brown fox", as: "fox")
      try team.omar("sync")
      let note = try fileBytes(
        team.omar.write(
          LiedTo.note(LiedTo.entries(team.omar).map(\.leaf), by: team.signer()), to: "kept.note"))
      team.relay.set(target: twin.port)
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla.annotate("brown fox", as: "dog-2")
      try team.layla("sync")
      let kept = try team.layla.write(note, to: "kept.note")
      for command in [["audit", "verify"], ["doctor"]] {
        let refused = try team.layla.run(command + ["--checkpoint", kept])
        #expect(refused.code == 1, "\(refused)")
        #expect(refused.output.contains("another history"), "\(refused)")
        #expect(try team.omar.run(command + ["--checkpoint", kept]).isSuccess)
      }
    }
  }
}
