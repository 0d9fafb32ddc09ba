import Foundation
import SimulationKit
import Testing

@Suite struct BackupTests {
  private func tar(_ arguments: [String], in folder: String) throws -> ProcessOutcome {
    try ChildProcess(
      ProcessLaunch(
        executable: "/bin/sh", arguments: ["-c"] + arguments,
        environment: ["PATH": "/usr/bin:/bin"], directory: folder)
    ).wait()
  }

  @Test("a backup of a serving server is a tar archive with its sums, and restores whole")
  func server() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla.annotate("quick", as: "one")
      try team.layla("sync")
      let file = scene.folder + "/monday.tar"
      let made = try team.server.json("backup", "create", file)
      #expect(made["workspaces"]?[0]?["name"]?.text == "press")
      #expect(made["workspaces"]?[0]?["size"] == (try team.layla.json("status"))["log"]?["size"])
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      // Once more: nothing is overwritten.
      #expect(try team.server.run(["backup", "create", file]).code == 73)

      let unpacked = try scene.makeFolder("unpacked")
      let sums = try tar(["tar xf ../monday.tar && sha256sum -c SHA256SUMS"], in: unpacked)
      #expect(sums.isSuccess, "\(sums)")
      #expect(sums.output.contains("workspaces/press/log.skey: OK"))

      let digest = try team.server.digest()
      team.server.stop()
      try FileManager.default.removeItem(atPath: team.server.data)
      try team.server.run(["backup", "restore", file]).successful()
      #expect(try team.server.digest() == digest)
      try team.server.start()
      try team.layla.annotate("brown", as: "two")
      try team.layla("sync")
      try team.member("omar")("sync")
      #expect(try team.member("omar").digest() == team.layla.digest())
    }
  }

  @Test("a backup without the keys names those that have to be put back")
  func withoutKeys() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let file = scene.folder + "/public.tar"
      try team.server.run(["backup", "create", file, "--without-key"]).successful()
      let bytes = try fileBytes(file)
      let key = try fileBytes(team.server.data + "/workspaces/press/log.skey")
      #expect(!bytes.contains(key))
      team.server.stop()
      let saved = try scene.write(key, to: "kept.skey")
      try FileManager.default.removeItem(atPath: team.server.data)
      let restored = try team.server.json("backup", "restore", file)
      let missing = restored["missing_keys"]?.items.compactMap(\.text) ?? []
      #expect(missing == [team.server.data + "/workspaces/press/log.skey"])
      try scene.copy(saved, to: missing.first ?? "")
      try team.server.start()
      try team.layla("sync")
    }
  }

  @Test("an archive that was altered or cut is refused, and nothing is left behind")
  func altered() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let file = scene.folder + "/whole.tar"
      try team.server.run(["backup", "create", file]).successful()
      team.server.stop()
      let bytes = try fileBytes(file)
      let target = scene.folder + "/restored"
      var places = stride(from: 5, to: bytes.count - 1_100, by: bytes.count / 23).map { $0 }
      places.append(bytes.count - 1_500)
      for place in places where bytes[place] != 0 {
        var copy = bytes
        copy[place] ^= 0x10
        try scene.write(copy, to: "altered.tar")
        let outcome = try restore(scene.folder + "/altered.tar", to: target, team)
        #expect(outcome.code == 65, "byte \(place): \(outcome)")
        #expect(!FileManager.default.fileExists(atPath: target))
      }
      for count in [0, 100, 512, bytes.count / 2] {
        try scene.write(bytes.prefix(count), to: "altered.tar")
        #expect(try restore(scene.folder + "/altered.tar", to: target, team).code == 65)
        #expect(!FileManager.default.fileExists(atPath: target))
      }
    }
  }

  private func restore(_ file: String, to target: String, _ team: Team) throws -> ProcessOutcome {
    try ChildProcess(
      ProcessLaunch(
        executable: Programs.server, arguments: ["backup", "restore", file, "--data", target],
        environment: team.server.machine.environment, directory: team.scene.folder)
    ).wait()
  }

  @Test("a store's backup brings back what was pending, and original and copy both go on")
  func store() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla.annotate("quick", as: "one")
      let file = scene.folder + "/layla.hashiya"
      try team.layla("backup", "create", file)
      #expect(try team.layla.run(["backup", "create", file]).code == 73)
      try team.layla.annotate("brown", as: "two")
      try team.layla("sync")

      let again = try scene.analyst("again", on: team.layla.machine)
      try again("backup", "restore", file)
      #expect(try again.annotationIDs().count == 1)
      #expect(try again.json("status")["pending_changes"]?.number == 1)
      try again.annotate("fox", as: "three")
      try again("sync")
      try team.layla("sync")
      #expect(try again.digest() == team.layla.digest())
      #expect(try again.annotationIDs().count == 3)
    }
  }

  @Test("a file that is no store's backup is refused, and makes no store")
  func noStore() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let other = try scene.analyst("other")
      try other.write("not a database".utf8, to: "note.txt")
      for name in ["note.txt", team.server.data + "/workspaces/press/log.sqlite"] {
        #expect(try other.run(["backup", "restore", name]).code == 65)
        #expect(!FileManager.default.fileExists(atPath: other.store))
      }
      #expect(try other.run(["backup", "restore", "missing"]).code == 66)
    }
  }

  @Test("an unspent code is printed again, and a spent one is not")
  func code() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let claim = try server.createWorkspace()
      #expect(try server.json("workspace", "code", "press")["code"]?.text == claim)
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      let outcome = try server.run(["workspace", "code", "press"])
      #expect(outcome.code == 73)
      #expect(outcome.messages.contains("has been used"))
      let secret = server.data + "/workspaces/press/claim.secret"
      #expect(!FileManager.default.fileExists(atPath: secret))
    }
  }
}
