import Foundation
import SimulationKit
import SyncProtocol
import Testing

@Suite struct ForkTests {
  /// Layla has `ours` leaves of one history that nobody else has, the relay leads to the other, in which
  /// Omar has made `theirs`.
  private func play(
    ours: Int, theirs: Int, _ body: (LiedTo, _ twin: ServerHost) throws -> Void
  ) throws {
    try LiedTo.play { team in
      let twin = try team.twin()
      for number in 0..<ours {
        try team.layla.annotate("lazy dog", as: "layla-\(number)")
        try team.layla("sync")
      }
      team.relay.set(target: twin.port)
      for number in 0..<theirs {
        try team.omar.annotate("brown fox", as: "omar-\(number)")
        try team.omar("sync")
      }
      try body(team, twin)
    }
  }

  @Test(arguments: [(1, 1), (1, 3), (3, 1)])
  func `a proven fork is kept once, told until it is dealt with, and takes nothing`(
    ours: Int, theirs: Int
  ) throws {
    try play(ours: ours, theirs: theirs) { team, _ in
      let layla = team.layla
      try layla.annotate("quick", as: "pending")
      let before = try layla.digest()
      for command in [["sync"], ["pull"], ["push"], ["sync"]] {
        let outcome = try layla.run(command)
        #expect(outcome.code == 76, "\(command): \(outcome)")
        expectSays(outcome, ["two histories", "hashiya evidence"])
      }
      #expect(try layla.digest() == before)
      #expect(try layla.evidenceCount() == 1)
      let status = try layla.json("status")
      #expect(status["fork"]?.bool == true)
      #expect(status["evidence"]?.int == 1)
      #expect(status["pending_changes"]?.int == 1)
      let told = try layla("status").output
      #expect(told.contains("hashiya evidence") && !told.contains("in sync"), "\(told)")
      #expect(try layla.run(["doctor"]).code == 1)

      // With the honest server again every sync still says so.
      team.relay.set(target: team.server.port)
      let sync = try layla.json("sync")
      #expect(sync["in_sync"]?.bool == true)
      #expect(sync["fork"]?.bool == true)
      let again = try layla("status").output
      #expect(again.contains("two histories") && !again.contains("in sync"), "\(again)")

      // A third person needs nothing but the file and the key.
      try layla("evidence", "export", "1", "fork.json")
      let third = try team.scene.analyst("third")
      let key = try #require(try layla.json("audit", "verify")["key"]?.text)
      let file = try third.write(fileBytes(layla.folder + "/fork.json"), to: "fork.json")
      #expect(try third.json("evidence", "check", file, "--key", key)["holds"]?.bool == true)
      #expect(try third.run(["evidence", "check", file, "--key", key + "x"]).code == 65)
      // Whose key it is says the file alone, but where a store of that log is.
      #expect(try third("evidence", "check", file).output.contains(", as the file says"))
      #expect(try !layla("evidence", "check", "fork.json").output.contains("as the file says"))
      var altered = try fileBytes(file)
      let digit = try #require(
        String(decoding: altered, as: UTF8.self).range(of: "\\n4\\n")
          ?? String(decoding: altered, as: UTF8.self).range(of: "\\n5\\n"))
      let text = String(decoding: altered, as: UTF8.self)
      altered = Array(text.replacingCharacters(in: digit, with: "\\n9\\n").utf8)
      let bad = try third.write(altered, to: "bad.json")
      #expect(try third.run(["evidence", "check", bad]).code == 1)

      try layla("evidence", "clear", "--all")
      #expect(try layla.json("status")["fork"]?.bool == false)
      try expectHealthy(layla)
      #expect(try layla("status").output.contains("in sync"))
    }
  }

  @Test func `two who meet over a bundle find that they were shown two histories`() throws {
    try play(ours: 1, theirs: 3) { team, _ in
      let bundle = team.layla.folder + "/omar.bundle"
      try team.omar("sync", "bundle", "create", bundle)
      let outcome = try team.layla.run(["sync", "bundle", "apply", bundle])
      #expect(outcome.code == 76, "\(outcome)")
      expectSays(outcome, ["two histories"])
      #expect(try team.layla.evidenceCount() == 1)
    }
  }

  @Test func `a bundle whose known batch was altered is refused and accuses nobody`() throws {
    try LiedTo.play { team in
      let file = "layla.bundle"
      try team.layla("sync", "bundle", "create", file)
      var bundle = try Bundle(decoding: fileBytes(team.layla.folder + "/" + file))
      bundle.entries[1].batch[bundle.entries[1].batch.count - 1] ^= 1
      let altered = try team.omar.write(bundle.encoded, to: "altered.bundle")
      try expectRefused(
        team.omar, ["sync", "bundle", "apply", altered], code: 65, says: ["leaf 1", "altered"])
      #expect(try team.omar.evidenceCount() == 0)
    }
  }
}
