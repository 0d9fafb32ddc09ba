import SimulationKit
import Testing

@Suite struct SeedRoundTripTests {
  @Test func `the five articles come back byte for byte from another analyst's store`() throws {
    let files = Programs.seedFiles
    #expect(files.count == 5)
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.run(["article", "add"] + files).successful()
      try team.layla("sync")
      try omar("sync")
      let listed = try omar.json("article", "list").items.compactMap { $0["file"]?.text }
      for file in files {
        let name = try #require(file.split(separator: "/").last.map(String.init))
        #expect(listed.contains(name))
        let bytes = try fileBytes(file)
        #expect(try omar("article", "show", name, "--raw").outputBytes == bytes)
        #expect(try omar("article", "show", String(name.prefix(3)), "--raw").outputBytes == bytes)
        let again = try omar.json("article", "add", file)
        #expect(again[0]?["dot"]?.isNull == true, "known bytes are the known article")
      }
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `bytes that are no plain lines come back as they were`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let texts: [[UInt8]] = [
        [0xEF, 0xBB, 0xBF] + Array("with a mark\r\nand CRLF\r\n".utf8),
        Array("lone \r return, tab\t, null\u{0}, no line feed at the end".utf8),
        Array("e\u{301} is not \u{E9}, \u{202E}nor this\u{202C}\n\n\n".utf8),
      ]
      for (index, bytes) in texts.enumerated() {
        try layla.write(bytes, to: "\(index).txt")
        try layla("article", "add", "\(index).txt")
        #expect(try layla("article", "show", "\(index).txt", "--raw").outputBytes == bytes)
      }
    }
  }
}
