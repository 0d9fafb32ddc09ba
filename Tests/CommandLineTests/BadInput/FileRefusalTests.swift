import SimulationKit
import Testing

@Suite struct FileRefusalTests {
  private static let oneMiB = 1 << 20

  @Test func `files that are no articles are refused, naming the file`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write([0x61, 0xC3, 0x28, 0x0A], to: "latin.txt")
      try layla.write([], to: "empty.txt")
      try layla.write(Array(repeating: 0x61, count: Self.oneMiB + 1), to: "large.txt")
      try expectRefused(
        layla, ["article", "add", "latin.txt"], code: 65, says: ["latin.txt", "UTF-8", "1"])
      try expectRefused(
        layla, ["article", "add", "empty.txt"], code: 65, says: ["empty.txt", "empty"])
      try expectRefused(layla, ["article", "add", "large.txt"], code: 65, says: ["large.txt"])
      try expectRefused(
        layla, ["article", "add", "missing.txt"], code: 66, says: ["missing.txt"])
      try expectRefused(layla, ["article", "add", "."], code: 66, says: ["."])
    }
  }

  @Test func `a file of exactly one MiB is taken, and comes back byte for byte`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let bytes = Array("م ".utf8) + Array(repeating: 0x62, count: Self.oneMiB - 3)
      try layla.write(bytes, to: "whole.txt")
      try layla("article", "add", "whole.txt")
      #expect(try layla("article", "show", "whole", "--raw").outputBytes == bytes)
    }
  }

  @Test func `files before a bad one stay, and are told`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write("Good.\n".utf8, to: "good.txt")
      try layla.write([0xFF], to: "bad.txt")
      let outcome = try layla.run(["article", "add", "good.txt", "bad.txt", "--json"])
      #expect(outcome.code == 65)
      expectSays(outcome, ["bad.txt"])
      #expect(try outcome.json().items.map { $0["file"]?.text } == ["good.txt"])
      #expect(try layla.json("article", "list").items.count == 1)
    }
  }

  @Test func `a folder without a store is told, and a folder with one is not founded again`() throws
  {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla.run(["status"])
      #expect(outcome.code == 66)
      expectSays(outcome, ["no store", "hashiya init", "--store"])
      let named = try layla.run(["status", "--store", "elsewhere"])
      #expect(named.code == 66)
      expectSays(named, ["elsewhere"])
      try layla("init", "--analyst", "layla")
      try expectRefused(layla, ["init", "--analyst", "layla"], code: 73, says: ["already"])
      try expectRefused(layla, ["sync"], code: 66, says: ["on no server", "hashiya publish"])
    }
  }
}
