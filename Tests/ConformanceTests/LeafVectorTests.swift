import MergeCore
import SyncProtocol
import Testing

/// `leaves.json`: leaves, and text that is none.
struct LeafVectorTests {
  private struct File: Codable {
    var valid: [String]
    var invalid: [Refused]
  }

  private struct Refused: Codable {
    var name: String
    var text: String
  }

  private static let plain =
    #"{"batch":"\#(String(repeating: "0b", count: 32))","changes":2,"concurrent":1,"#
    + #""conflicts_closed":0,"conflicts_opened":1,"epoch":1,"first":4,"last":5,"#
    + #""replica":"\#(String(repeating: "0a", count: 16))","#
    + #""report":"\#(String(repeating: "0c", count: 32))","rules":1,"#
    + #""state_digest":"\#(String(repeating: "0d", count: 32))","#
    + #""time":"2026-04-14T09:30:00.125Z","type":"edit","v":1}"#

  @Test("leaves are read and refused as the vectors say")
  func leaves() throws {
    let file = try VectorFile<File>(name: "leaves.json").read(made: make())
    for text in file.valid {
      #expect(Leaf(encoded: Array(text.utf8))?.encoded == Array(text.utf8))
    }
    for vector in file.invalid {
      #expect(Leaf(encoded: Array(vector.text.utf8)) == nil, "\(vector.name)")
    }
  }

  private func make() -> File {
    let plain = Self.plain
    func with(_ old: String, _ new: String) -> String { plain.replacing(old, with: new) }
    return File(
      valid: LeafType.allCases.map { with(#""edit""#, "\"\($0.rawValue)\"") },
      invalid: [
        Refused(name: "spaces", text: with(#""v":1"#, #""v": 1"#)),
        Refused(name: "a line end", text: plain + "\n"),
        Refused(name: "an unknown member", text: with(#""v":1"#, #""v":1,"w":1"#)),
        Refused(
          name: "members in another order",
          text: with(#""type":"edit","v":1"#, #""v":1,"type":"edit""#)),
        Refused(name: "a member twice", text: with(#""v":1"#, #""v":1,"v":1"#)),
        Refused(name: "a missing member", text: with(#","v":1"#, "")),
        Refused(name: "an unknown type", text: with(#""edit""#, #""other""#)),
        Refused(name: "a time without milliseconds", text: with("00.125Z", "00Z")),
        Refused(name: "a number with a fraction", text: with(#""v":1"#, #""v":1.0"#)),
        Refused(name: "an escaped character", text: with(#""edit""#, #""\u0065dit""#)),
        Refused(name: "a short replica", text: with(String(repeating: "0a", count: 16), "0a")),
        Refused(name: "the counter 0", text: with(#""first":4"#, #""first":0"#)),
        Refused(
          name: "a counter over 2⁶³ − 1",
          text: with(#""last":5"#, #""last":9223372036854775808"#)),
        Refused(name: "cut short", text: String(plain.dropLast())),
        Refused(name: "another value", text: "[]"),
      ])
  }
}
