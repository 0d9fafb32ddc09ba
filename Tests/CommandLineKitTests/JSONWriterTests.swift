import CommandLineKit
import SimulationKit
import Testing

@Suite("Written JSON")
struct JSONWriterTests {
  @Test("plain values are written as RFC 8259 has them")
  func scalars() {
    let values: [(JSONValue, String)] = [
      (nil, "null"), (true, "true"), (false, "false"), (0, "0"), (-7, "-7"),
      (JSONValue(Int.min), "-9223372036854775808"), (.decimal("0.850"), "0.850"), ("", "\"\""),
      ([], "[]"), ([:], "{}"), (JSONValue(nil as String?), "null"), (JSONValue("a"), "\"a\""),
      (JSONValue(nil as Int?), "null"), (JSONValue(["a", "b"]), #"["a","b"]"#),
    ]
    for (value, text) in values {
      #expect(value.text == text)
      #expect(value.prettyText == text + "\n" || value.prettyText.contains("\n  "))
    }
  }

  @Test("only what must be escaped is, and what a terminal or a line reader would obey")
  func escapes() {
    let named: [(String, String)] = [
      ("\"", #"\""#), ("\\", #"\\"#), ("\u{8}", #"\b"#), ("\t", #"\t"#), ("\n", #"\n"#),
      ("\u{C}", #"\f"#), ("\r", #"\r"#), ("\r\n", #"\r\n"#), ("\u{0}", #"\u0000"#),
      ("\u{1B}", #"\u001b"#), ("\u{7F}", #"\u007f"#), ("\u{9B}", #"\u009b"#),
      ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("/", "/"),
    ]
    for (string, text) in named { #expect(JSONValue.string(string).text == "\"\(text)\"") }
  }

  @Test(
    "Arabic, harakat, marks and emoji stay what they are, scalar for scalar",
    arguments: [
      "قَالَ المُسؤُولُ", "\u{200F}\u{2068}ب\u{2069}", "👩‍👩‍👧😀", "e\u{301}", "é", "\u{FEFF}", "\u{10FFFF}",
    ])
  func unescaped(string: String) {
    #expect(
      JSONValue.string(string).text.unicodeScalars.elementsEqual("\"\(string)\"".unicodeScalars))
  }

  @Test("members keep their order, and equal names their places")
  func order() {
    let value: JSONValue = ["z": 1, "a": [true, nil], "z": "again"]
    #expect(value.text == #"{"z":1,"a":[true,null],"z":"again"}"#)
    #expect(value.adding([("b", 2)]).text == #"{"z":1,"a":[true,null],"z":"again","b":2}"#)
    #expect(value.members.map(\.0) == ["z", "a", "z"])
    #expect((["a"] as JSONValue).members.isEmpty)
  }

  @Test("readable JSON has two spaces a level, and what is small stays on one line")
  func pretty() {
    let value: JSONValue = [
      "id": "a", "spans": [[0, 5], [7, 9]], "none": [], "clock": ["r": 1],
      "siblings": [["value": "x", "against": ["r": 2]]],
    ]
    #expect(
      value.prettyText == """
        {
          "id": "a",
          "spans": [[0,5],[7,9]],
          "none": [],
          "clock": {"r":1},
          "siblings": [
            {
              "value": "x",
              "against": {"r":2}
            }
          ]
        }

        """)
  }

  @Test("a line of readable JSON is broken where it would grow beyond eighty columns")
  func prettyColumns() {
    // Two spaces, `"a": ` aside, as the line is measured without its name.
    let fits = JSONValue.array([.string(String(repeating: "x", count: 73))])
    let long = JSONValue.array([.string(String(repeating: "x", count: 74))])
    #expect(JSONValue.array([fits]).prettyText.split(separator: "\n").count == 3)
    #expect(JSONValue.array([long]).prettyText.split(separator: "\n").count == 5)
  }

  @Test("whatever is written reads back as it was, on one line and on several", arguments: 1...60)
  func roundTrip(seed: UInt64) throws {
    let random = SeededRandom(seed: seed)
    let (value, expected) = Self.value(random, depth: 0)
    let message: Comment = "seed \(seed): \(value.text)"
    #expect(try JSON(parsing: Array(value.text.utf8)) == expected, message)
    #expect(try JSON(parsing: Array(value.prettyText.utf8)) == expected, message)
    #expect(!value.text.utf8.contains(0x0A), message)
  }

  /// A random value, as it is written and as it must read.
  private static func value(_ random: SeededRandom, depth: Int) -> (JSONValue, JSON) {
    switch random.below(depth > 3 ? 5 : 7) {
    case 0: return (nil, .null)
    case 1: return (true, .bool(true))
    case 2:
      let number = random.below(2_000) - 1_000
      return (.integer(number), .int(number))
    case 3: return (.decimal("0.25"), .double(0.25))
    case 4:
      let text = string(random)
      return (.string(text), .text(text))
    case 5:
      let pairs = (0..<random.below(4)).map { _ in value(random, depth: depth + 1) }
      return (.array(pairs.map(\.0)), .items(pairs.map(\.1)))
    default:
      let members = (0..<random.below(4)).map { index in
        ("\(index)" + string(random), value(random, depth: depth + 1))
      }
      return (
        .object(members.map { ($0.0, $0.1.0) }),
        .members(Dictionary(members.map { ($0.0, $0.1.1) }) { first, _ in first })
      )
    }
  }

  private static func string(_ random: SeededRandom) -> String {
    let pieces = [
      "\"", "\\", "\n", "\u{0}", "\u{1B}", "ب", "َ", "😀", "\u{2028}", "a", " ", "\u{9F}",
    ]
    return (0..<random.below(8)).map { _ in pieces[random.below(pieces.count)] }.joined()
  }
}
