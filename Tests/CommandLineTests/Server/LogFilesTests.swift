import SimulationKit
import Testing
import TransparencyLog

/// The log as anybody's tools read it: checkpoint, tiles and entry bundles over HTTP.
@Suite struct LogFilesTests {
  /// Reads the log's files with a token.
  private struct LogClient: TileReader {
    let port: Int
    let token: String

    func get(_ path: String) throws -> RawAnswer {
      try RawHTTP.request(
        "GET", "/v1/workspaces/press/log/" + path,
        headers: ["Authorization: Bearer \(token)"], port: port)
    }

    /// The bytes of a file that is there.
    func bytes(_ path: String) throws(ProcessFailure) -> [UInt8] {
      do {
        let answer = try get(path)
        guard answer.status == 200 else { throw ProcessFailure("\(path): \(answer.status)") }
        return answer.body
      } catch {
        throw error as? ProcessFailure ?? ProcessFailure("\(path): \(error)")
      }
    }

    func readTiles(_ tiles: [Tile]) throws(ProcessFailure) -> [[UInt8]] {
      var contents: [[UInt8]] = []
      for tile in tiles { contents.append(try bytes(tile.path)) }
      return contents
    }
  }

  private func play(
    _ body: (Team, LogClient, Checkpoint) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia", "omar"])
      for (name, quote) in [("omar", "brown fox"), ("nadia", "lazy dog"), ("omar", "quick")] {
        let analyst = try team.member(name)
        try analyst.annotate(quote, as: quote)
        try analyst("sync")
      }
      try team.layla("sync")
      let token = try #require(team.layla.json("token")["token"]?.text)
      let client = LogClient(port: team.server.port, token: token)
      let status = try #require(try team.server.json("status")["workspaces"]?[0])
      let key = try VerifierKey(try #require(status["key"]?.text))
      let signed = try SignedCheckpoint(
        opening: client.bytes("checkpoint"), origin: key.name.line, logKey: key)
      #expect(signed.checkpoint.origin.text == "scene.example/log/press")
      #expect(signed.checkpoint.size.rawValue == status["size"]?.int.map { UInt64($0) })
      #expect(signed.checkpoint.root.base64 == status["root"]?.text)
      try body(team, client, signed.checkpoint)
    }
  }

  @Test func `tiles and entries over HTTP are those that the checkpoint signs`() throws {
    try play { team, client, checkpoint in
      let size = checkpoint.size
      #expect(size > 8)
      let tiles = TileHashReader(size: size, root: checkpoint.root, tiles: client)
      let leaves = (0..<size.rawValue).map { StoredHashIndex(leaf: LeafIndex($0)) }
      let hashes = try tiles.readHashes(leaves)
      var entries: [[UInt8]] = []
      for bundle in Tile.entryBundles(from: 0, to: size) {
        entries += try EntryBundle.decode(client.bytes(bundle.path), width: bundle.width)
      }
      #expect(entries.map { MerkleTree.leafHash($0) } == hashes)
      for (index, leaf) in hashes.enumerated() {
        let proof = try InclusionProof(leaf: LeafIndex(UInt64(index)), size: size, from: tiles)
        try proof.check(
          leafHash: leaf, at: LeafIndex(UInt64(index)), size: size, root: checkpoint.root)
      }
      // The leaves are what the audit lists, and the last one states the state.
      let listed = try team.layla.json("audit", "list").items
      let read = try entries.map { try JSON(parsing: $0) }
      #expect(read.map { $0["state_digest"] } == listed.map { $0["state_digest"] })
      #expect(read.map { $0["batch"] } == listed.map { $0["batch"] })
      #expect(read.last?["state_digest"]?.text == (try team.layla.digest()))
    }
  }

  @Test func `earlier widths of a partial tile stay readable, and are its beginnings`() throws {
    try play { _, client, checkpoint in
      let size = Int(checkpoint.size.rawValue)
      let whole = try client.bytes("tile/0/000.p/\(size)")
      #expect(whole.count == size * 32)
      let entries = try EntryBundle.decode(client.bytes("tile/entries/000.p/\(size)"), width: size)
      for width in 1..<size {
        #expect(try client.bytes("tile/0/000.p/\(width)") == Array(whole.prefix(width * 32)))
        let some = try EntryBundle.decode(
          client.bytes("tile/entries/000.p/\(width)"), width: width)
        #expect(some == Array(entries.prefix(width)))
      }
    }
  }

  @Test func `a log that grew is a continuation of the one that was read before`() throws {
    try play { team, client, before in
      let nadia = try team.member("nadia")
      for quote in ["jumps", "over"] {
        try nadia.annotate(quote, as: quote)
        try nadia("sync")
      }
      let note = try SignedNote(client.bytes("checkpoint"))
      let after = try Checkpoint(text: note.text)
      #expect(after.size.rawValue == before.size.rawValue + 2)
      let tiles = TileHashReader(size: after.size, root: after.root, tiles: client)
      let proof = try ConsistencyProof(old: before.size, new: after.size, from: tiles)
      try proof.check(
        old: before.size, oldRoot: before.root, new: after.size, newRoot: after.root)
    }
  }

  @Test func `what the log does not have is not found, and nothing is read without a token`() throws
  {
    try play { _, client, checkpoint in
      let size = checkpoint.size.rawValue
      for path in [
        "tile/0/000", "tile/0/000.p/\(size + 1)", "tile/0/001.p/1", "tile/1/000.p/1",
        "tile/entries/000", "tile/entries/000.p/\(size + 1)", "tile/0/0.p/1", "tile/0/000.p/0",
        "tile/0/000.p/0\(size)", "tile/00/000.p/1", "tile/8/000.p/1", "tile/0/000.p/1/", "tile",
        "tile/entries/..%2f..%2flog.skey", "leaf/0",
      ] {
        let answer = try client.get(path)
        #expect(answer.status == 404, "\(path)")
        #expect(answer.header("content-type") == "application/problem+json", "\(path)")
      }
      for path in ["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"] {
        let answer = try RawHTTP.request(
          "GET", "/v1/workspaces/press/log/" + path, port: client.port)
        #expect(answer.status == 401, "\(path)")
      }
    }
  }
}
