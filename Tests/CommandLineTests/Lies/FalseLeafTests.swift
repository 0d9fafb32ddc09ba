import Foundation
import SimulationKit
import SyncProtocol
import Testing

/// A server that signs a leaf which is not what its batch comes to.
@Suite struct FalseLeafTests {
  /// The server signs its newest leaf with one member's text replaced.
  private func lie(
    _ team: LiedTo, replacing old: String, by new: (Leaf) -> String
  ) throws -> AnswerRelay.Change {
    var entries = try LiedTo.entries(team.layla)
    let last = entries.count - 1
    let leaf = try #require(Leaf(encoded: entries[last].leaf))
    let text = String(decoding: entries[last].leaf, as: UTF8.self)
    let member = try #require(text.range(of: "\"\(old)\":\"[^\"]*\"", options: .regularExpression))
    entries[last].leaf = Array(
      text.replacingCharacters(in: member, with: "\"\(old)\":\"\(new(leaf))\"").utf8)
    let note = try LiedTo.note(entries.map(\.leaf), by: team.signer())
    let altered = entries[last]
    return AnswerRelay.Change { frames in
      frames.map { frame in
        switch frame.frame {
        case .entry(let entry)? where entry.index == altered.index: .entry(altered)
        case .checkpoint?: .checkpoint(note)
        default: frame
        }
      }
    }
  }

  @Test(arguments: ["state_digest", "report", "replica"])
  func `a signed lie about a merge is named in words, and its proof is kept once`(
    member: String
  ) throws {
    try LiedTo.play { team in
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      let change = try lie(team, replacing: member) { leaf in
        member == "replica"
          ? String(repeating: "0", count: 32) : String(repeating: "0", count: 64)
      }
      team.relay.set(change)
      let before = try team.omar.digest()
      for _ in 0..<2 {
        let outcome = try team.omar.run(["sync"])
        #expect(outcome.code == 76, "\(outcome)")
        expectSays(outcome, ["layla's", Team.article])
        #expect(!outcome.messages.contains(String(repeating: "0", count: 32)), "\(outcome)")
      }
      #expect(try team.omar.digest() == before)
      #expect(try team.omar.evidenceCount() == 1)
      let status = try team.omar("status").output
      #expect(!status.contains("in sync") && status.contains("hashiya evidence"), "\(status)")
      #expect(try team.omar.json("status")["fork"]?.bool == false)
      try team.omar("evidence", "export", "1", "leaf.json")
      let checked = try team.omar.json("evidence", "check", "leaf.json")
      #expect(checked["kind"]?.text == "false-leaf")
      #expect(checked["holds"]?.bool == true)
      try expectOnlyChecked(team)

      team.relay.set(nil)
      #expect(try team.omar.json("sync")["in_sync"]?.bool == true)
      #expect(try team.omar.evidenceCount() == 1)
      try team.omar("evidence", "clear", "1")
      try expectConverged([team.omar, team.layla], team.server)
    }
  }

  /// Whoever has no store sees that the leaf was signed, and nobody believes the file's own words.
  private func expectOnlyChecked(_ team: LiedTo) throws {
    let third = try team.scene.analyst("third")
    var bytes = try fileBytes(team.omar.folder + "/leaf.json")
    let reason = try #require(
      String(decoding: bytes, as: UTF8.self).range(
        of: "\"reason\":\"[^\"]*\"", options: .regularExpression))
    bytes = Array(
      String(decoding: bytes, as: UTF8.self)
        .replacingCharacters(in: reason, with: "\"reason\":\"they sell your data\"").utf8)
    try third.write(bytes, to: "leaf.json")
    let alone = try third.run(["evidence", "check", "leaf.json"])
    #expect(alone.code == 1, "\(alone)")
    #expect(alone.output.contains("signed leaf"), "\(alone)")
    #expect(alone.output.contains("whether it is false takes"), "\(alone)")
    #expect(!alone.messages.contains("sell") && !alone.output.contains("sell"), "\(alone)")
    // A store that is here by chance and cannot be used is as good as none; one that is named is not.
    let store = String(third.store.dropFirst(team.scene.folder.count + 1))
    try team.scene.write("no database".utf8, to: store + "/store.sqlite")
    let beside = try third.run(["evidence", "check", "leaf.json"])
    #expect(beside.code == 1 && beside.output == alone.output, "\(beside)")
    let named = try third.run(["evidence", "check", "leaf.json", "--store", third.store])
    #expect(named.code == 74, "\(named)")
    let json = try third.run(["evidence", "check", "leaf.json", "--json"]).json()
    #expect(json["holds"]?.isNull == true)
    let held = try third.run([
      "evidence", "check", "leaf.json", "--store", team.omar.store,
    ])
    #expect(held.isSuccess, "\(held)")
    #expect(!held.output.contains("sell") && held.output.contains("which is false"), "\(held)")
  }

  @Test func `a push acknowledged by a false leaf is not called proved once the leaf is refused`()
    throws
  {
    try LiedTo.play { team in
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("push")
      let explained = try team.layla("sync", "status", "--explain").output
      #expect(explained.contains("proved that leaf"), "\(explained)")
      try team.omar("sync")
      var entries = try LiedTo.entries(team.omar)
      let last = entries.count - 1
      let text = String(decoding: entries[last].leaf, as: UTF8.self)
      let digest = try #require(
        text.range(of: "\"state_digest\":\"[^\"]*\"", options: .regularExpression))
      let zeros = String(repeating: "0", count: 64)
      entries[last].leaf = Array(
        text.replacingCharacters(in: digest, with: "\"state_digest\":\"\(zeros)\"").utf8)
      let note = try LiedTo.note(entries.map(\.leaf), by: team.signer())
      let altered = entries[last]
      team.relay.set(
        AnswerRelay.Change { frames in
          frames.map { frame in
            switch frame.frame {
            case .entry(let entry)? where entry.index == altered.index: .entry(altered)
            case .checkpoint?: .checkpoint(note)
            default: frame
            }
          }
        })
      #expect(try team.layla.run(["sync"]).code == 76)
      let doubted = try team.layla("sync", "status", "--explain").output
      #expect(!doubted.contains("proved that leaf"), "\(doubted)")
      #expect(try team.layla.evidenceCount() == 1)
    }
  }
}
