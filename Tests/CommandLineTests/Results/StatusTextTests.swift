import SimulationKit
import Testing

@Suite struct StatusTextTests {
  @Test func `only an admin is told that one device alone administers`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      #expect(try team.layla("status").output.contains("hashiya device add"))
      #expect(try !team.member("omar")("status").output.contains("hashiya device add"))
    }
  }

  @Test func `a revoked device says so after the server has`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      #expect(try omar.json("status")["revoked"]?.bool == false)
      try team.layla("member", "revoke", "omar")
      let refused = try omar.run(["sync"])
      #expect(refused.code == 77, "\(refused)")
      expectSays(refused, ["revoked", "reading and export go on"])
      #expect(try omar.json("status")["revoked"]?.bool == true)
      let status = try omar("status").output
      #expect(status.contains("the server takes nothing more from this device"), "\(status)")
      try expectHealthy(omar)
      let doctor = try omar("doctor").output
      #expect(doctor.contains("NOTE this replica may write"), "\(doctor)")
    }
  }

  @Test func `a revoked device makes nothing more, and what it has can be read and exported`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try team.layla("member", "revoke", "omar")
      #expect(try omar.run(["sync"]).code == 77)
      for words in [
        ["annotate", Team.article, "--quote", "lazy dog", "--label", "claim"],
        ["edit", "fox", "--note", "more"], ["undo"], ["label", "add", "new"],
        ["member", "rename", "omar", "Omar"],
      ] {
        let refused = try omar.run(words)
        #expect(refused.code == 77, "\(words): \(refused)")
        expectSays(refused, ["this device of omar's has been revoked", "ask an admin"])
      }
      #expect(try omar("export").output.contains("brown fox"))
      try omar("sync", "bundle", "create", omar.folder + "/bundle")
      #expect(try omar.json("status")["pending_changes"]?.int == 1)
    }
  }

  @Test func `what was sent and has not come back is in the log, by status and by log`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      _ = try Team.code(for: "sami", by: team.layla)
      let status = try team.layla("status").output
      #expect(status.contains("sent, and the log has it: 1 change"), "\(status)")
      #expect(!status.contains("did not end in sync"), "\(status)")
      let log = try team.layla("log", "--limit", "1").output
      #expect(log.contains(/sent: leaf \d+ has it/), "\(log)")
    }
  }

  @Test func `what a revoked device cannot send is told`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try team.layla("member", "revoke", "omar")
      #expect(try omar.run(["sync"]).code == 77)
      let status = try omar("status").output
      #expect(
        status.contains(
          "1 change cannot be sent from this device   → hashiya export --format batch"))
      #expect(!status.contains("hashiya sync"), "\(status)")
    }
  }

  @Test func `refused changes are named by their analyst`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox", label: "a new label")
      try team.layla("member", "role", "omar", "auditor")
      let refused = try omar.run(["sync"])
      #expect(refused.code == 77, "\(refused)")
      let replica = try omar.replica()
      #expect(!refused.messages.contains(replica), "\(refused)")
      // The label was refused with its first use, and still has the name that it was to have.
      #expect(try omar("quarantine").output.contains("label: a new label"))
      let parts = try omar.json("quarantine")[0]?["parts"]?.items ?? []
      #expect(
        parts.first { $0["field"]?.text == "label" }?["value"]?.text == "a new label")
      #expect(
        refused.messages.contains(/omar(-[0-9a-f]{4,})?\/2: omar is an auditor/), "\(refused)")
    }
  }

  @Test func `a slot that is taken is the operator's to replace`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let claim = try server.createWorkspace()
      try server.start()
      for name in ["layla", "omar"] { try scene.analyst(name)("init", "--analyst", name) }
      try scene.analyst("layla")("publish", claim)
      try expectRefused(
        scene.analyst("omar"), ["publish", claim], code: 77, says: ["operator"])
    }
  }
}
