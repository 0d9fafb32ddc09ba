import Auditor
import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

/// Each member of a leaf, stated otherwise by whoever has the log's key.
@Suite("The catalogue of lies in leaves")
struct LeafLieCatalogueTests {
  /// The server's claim, which nobody can check.
  private static let claims: Set<String> = ["time"]

  @Test("whatever a leaf states otherwise is found at that leaf, but for the time, a claim")
  func members() throws {
    let team = try AuditedTeam()
    let leaves = team.exchange.log.leaves
    for index in [0, 1, team.leaves.creation, team.leaves.conflict, team.leaves.role] {
      let honest = leaves[Int(index)]
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(honest.leafBytes)) as? [String: Any])
      #expect(object.count >= 16)
      for member in object.keys.sorted() {
        let altered = try altered(member, of: honest.leafBytes)
        let file = try LogFile(in: team)
        for leaf in leaves[..<Int(index)] { try file.append(leaf) }
        var lie = honest
        lie.leafBytes = altered
        try file.append(lie)
        let result = try file.audit()
        if Self.claims.contains(member) { continue }
        #expect(!result.verified, "\(member) of leaf \(index)")
        #expect(result.firstBadLeaf == index, "\(member) of leaf \(index): \(result)")
      }
    }
  }

  /// The leaf with another value of one member, in the leaf's own spelling.
  private func altered(_ member: String, of bytes: [UInt8]) throws -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    let start = try #require(text.range(of: "\"\(member)\":")).upperBound
    let isText = text[start] == "\""
    let first = isText ? text.index(after: start) : start
    let ends: Set<Character> = isText ? ["\""] : [",", "}"]
    let end = try #require(text[first...].firstIndex { ends.contains($0) })
    let value = String(text[first..<end])
    let other: String
    if let number = UInt64(value), !isText {
      other = String(number + 1)
    } else if member == "type" {
      other = value == "edit" ? "invite" : "edit"
    } else if let time = Timestamp(value) {
      other = Timestamp(milliseconds: time.milliseconds + 1).text
    } else {
      other = value.dropLast() + (value.last == "0" ? "1" : "0")
    }
    return Array((text[..<first] + other + text[end...]).utf8)
  }
}
