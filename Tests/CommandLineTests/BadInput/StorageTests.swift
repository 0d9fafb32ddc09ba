import SimulationKit
import Testing

@Suite struct StorageTests {
  private static let large = Array(repeating: UInt8(ascii: "x"), count: 600_000)

  private func largestFile(of analyst: Analyst) -> Int {
    let files = ["store.sqlite", "store.sqlite-wal"]
    return files.compactMap { try? fileBytes(analyst.store + "/" + $0).count }.max() ?? 0
  }

  @Test func `a disk that fills while editing leaves the store as it was`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Self.large, to: "large.txt")
      let before = try StoreSnapshot(layla)
      let size = largestFile(of: layla)
      for room in [0, 4_096, 60_000, 300_000] {
        let outcome = try layla.runOnFullDisk(
          ["article", "add", "large.txt"], bytesMax: size + room)
        #expect(outcome.code == 74, "\(room) bytes of room: \(outcome)")
        #expect(!outcome.messages.isEmpty)
        #expect(try StoreSnapshot(layla) == before)
        try expectHealthy(layla)
      }
      try layla("article", "add", "large.txt")
      #expect(try layla("article", "show", "large", "--raw").outputBytes == Self.large)
    }
  }

  @Test func `a disk that fills while syncing loses nothing`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.write(Self.large, to: "large.txt")
      try team.layla("article", "add", "large.txt")
      try team.layla("sync")
      try omar.annotate("brown fox", as: "fox")
      let size = largestFile(of: omar)
      let outcome = try omar.runOnFullDisk(["sync"], bytesMax: size + 100_000)
      #expect(outcome.code == 74, "\(outcome)")
      try expectHealthy(omar)
      #expect(try omar.annotationIDs().count == 1)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 1)
    }
  }

  @Test func `a server whose disk fills refuses, keeps serving, and takes it in later`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      team.server.stop()
      let full = try ChildProcess(
        onFullDisk(
          Programs.server, ["serve", "--port", "\(team.server.port)", "--data", team.server.data],
          400_000, team.server.machine.environment, scene.folder))
      defer { full.killNow() }
      _ = try full.firstLine()
      try team.layla.write(Self.large, to: "large.txt")
      try team.layla("article", "add", "large.txt")
      let pending = try team.layla.json("status")["pending_changes"]
      let outcome = try team.layla.run(["sync"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["not now", "nothing is lost"])
      #expect(try RawHTTP.request("GET", "/health", port: team.server.port).status == 200)
      #expect(try team.layla.json("status")["pending_changes"] == pending)
      #expect(try omar.run(["sync"]).isSuccess, "reading goes on")
      full.signal(15)
      #expect(full.wait().isSuccess)
      try team.server.start()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a store and a log of a newer schema are not touched`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let before = try StoreSnapshot(omar)
      let newer = "INSERT INTO grdb_migrations VALUES ('of a later version')"
      try SQLiteFile.execute(newer, in: omar.store + "/store.sqlite")
      for arguments in [["status"], ["sync"], ["list"], ["doctor"], ["undo"]] {
        let outcome = try omar.run(arguments)
        #expect(outcome.code == 65, "\(outcome)")
        expectSays(outcome, ["newer version", "upgrade"])
      }
      try SQLiteFile.execute(
        "DELETE FROM grdb_migrations WHERE identifier = 'of a later version'",
        in: omar.store + "/store.sqlite")
      #expect(try StoreSnapshot(omar) == before)
      try expectHealthy(omar)
      team.server.stop()
      try SQLiteFile.execute(newer, in: team.server.data + "/workspaces/press/log.sqlite")
      let outcome = try team.server.run(["status"])
      #expect(outcome.code == 65, "\(outcome)")
      expectSays(outcome, ["newer version", "upgrade"])
    }
  }

  @Test func `a store that is no database is told`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let file = layla.store + "/store.sqlite"
      try scene.write(
        Array("no database at all".utf8), to: String(file.dropFirst(scene.folder.count + 1)))
      let outcome = try layla.run(["status"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["hashiya:"])
    }
  }
}
