import Foundation
import SimulationKit
import Testing

/// Where `init` and `join` make a store.
@Suite struct StoreFolderTests {
  @Test(arguments: ["notes", "deep/er/notes", "notes/", "notes/.hashiya"])
  func `init makes the folder that it is given, with those above it`(folder: String) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let made = try layla.json("init", folder, "--analyst", "layla")
      expect(made, .identity)
      let home = folder.replacing("/.hashiya", with: "")
      let inside = try layla.run(["status", "--json"], directory: layla.folder + "/" + home)
      #expect(try inside.successful().json()["replica"] == made["replica"])
      #expect(try layla.run(["status"]).code == 66, "nothing was made beside it")
      let named = try layla.run(["status", "--json", "--store", home])
      #expect(try named.successful().json()["replica"] == made["replica"])
      let again = try layla.run(["init", folder, "--analyst", "layla"])
      #expect(again.code == 73, "\(again)")
      expectSays(again, ["already"])
    }
  }

  @Test func `join makes the folder that it is given, and brings everything into it`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let omar = try scene.analyst("omar")
      let code = try Team.code(for: "omar", by: team.layla)
      let joined = try omar.json("join", code, "work/press")
      expect(joined, .identity)
      let status = try omar.run(["status", "--json", "--store", "work/press"]).successful().json()
      #expect(status["replica"] == joined["replica"])
      #expect(status["articles"]?.int == 1)
      #expect(try omar.run(["status"]).code == 66)
      let second = try Team.code(for: "nadia", by: team.layla)
      let occupied = try omar.run(["join", second, "work/press"])
      #expect(occupied.code == 73, "\(occupied)")
      let nadia = try scene.analyst("nadia")
      try nadia("join", second)
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `a file in the way is told, and stays as it is`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla.write("mine".utf8, to: "notes")
      for folder in ["notes", "notes/below"] {
        let outcome = try layla.run(["init", folder, "--analyst", "layla"])
        #expect(outcome.code == 73, "\(outcome)")
        expectSays(outcome, ["notes"])
      }
      #expect(try fileBytes(layla.folder + "/notes") == Array("mine".utf8))
    }
  }

  @Test func `a store, which holds the signing key, is its owner's alone`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      for folder in [layla.store, layla.machine.stateFolder + "/hashiya"] {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder)
        #expect(attributes[.posixPermissions] as? Int == 0o700, "\(folder)")
      }
    }
  }

  @Test(arguments: ["", "a\nb", "a\u{1B}[2J", String(repeating: "x", count: 257)])
  func `a name that cannot be one is refused, and no store is left`(name: String) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla.run(["init", "--analyst", name])
      #expect(outcome.code == 65, "\(outcome)")
      #expect(try layla.run(["status"]).code == 66)
      try layla("init", "--analyst", "ليلى")
      #expect(try layla.json("status")["analyst"]?.text == "ليلى")
    }
  }
}
