import MergeCore
import SyncProtocol
import Testing

struct ShareCodeTests {
  private let invite = ShareCode(
    purpose: .invite, url: "https://desk.example.org", slot: "gloss",
    logKey: "desk.example.org/gloss+00000000+AAAA", secret: [UInt8](repeating: 3, count: 32),
    workspace: DomainHash.plain([1]))
  private let claim = ShareCode(
    purpose: .claim, url: "http://127.0.0.1:7420", slot: "gloss", logKey: "k",
    secret: [UInt8](repeating: 4, count: 32), workspace: nil)

  private func error(_ text: String) -> ShareCodeError? {
    do throws(ShareCodeError) {
      _ = try ShareCode(text: text)
      return nil
    } catch {
      return error
    }
  }

  @Test("a code reads back as what it hands over")
  func roundTrip() throws {
    for code in [invite, claim] {
      #expect(try ShareCode(text: code.text) == code)
      #expect(!code.text.contains { $0.isWhitespace })
    }
    #expect(invite.text.hasPrefix("hashiya1-invite-"))
    #expect(claim.text.hasPrefix("hashiya1-claim-"))
  }

  @Test("white space around and inside a code is ignored, as mail programs break lines")
  func whiteSpace() throws {
    let text = invite.text
    let middle = text.index(text.startIndex, offsetBy: 40)
    let broken = "  \n" + text[..<middle] + "\r\n\t" + text[middle...] + "\u{A0}\n"
    #expect(try ShareCode(text: broken) == invite)
  }

  @Test("invisible marks in a code are ignored, and any dash is a hyphen")
  func marks() throws {
    for mark in ["\u{200E}", "\u{200F}", "\u{61C}", "\u{2068}", "\u{202B}", "\u{FEFF}", "\u{AD}"] {
      let marked = mark + invite.text.map { "\($0)" }.joined(separator: mark) + mark
      #expect(try ShareCode(text: marked) == invite)
    }
    for dash in ["\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}", "\u{2212}", "\u{FF0D}"] {
      #expect(try ShareCode(text: invite.text.replacing("-", with: dash)) == invite)
    }
    #expect(error("hashiya2\u{2013}invite\u{2013}AAAA") == .newerVersion)
    #expect(error("hashiya") == .damaged)
  }

  @Test("a code cut short anywhere is refused")
  func cutShort() {
    let text = invite.text
    for length in 0..<text.utf8.count {
      #expect(error(String(text.prefix(length))) != nil, "accepted with \(length) characters")
    }
  }

  @Test("a mistyped character is noticed")
  func mistyped() {
    let characters = Array(invite.text.utf8)
    for index in characters.indices {
      var other = characters
      other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(error(String(decoding: other, as: UTF8.self)) != nil)
    }
    #expect(error(invite.text.replacing("-invite-", with: "-claim-")) == .damaged)
  }

  @Test("what went wrong is told apart")
  func reasons() {
    #expect(error("") == .notACode)
    #expect(error("https://example.org") == .notACode)
    #expect(error("hashiya2-invite-AAAA") == .newerVersion)
    #expect(error("hashiya1-invite-AAAA") == .damaged)
    #expect(error("hashiya1-other-AAAA") == .damaged)
    #expect(error("hashiya1-invite") == .damaged)
    #expect(error(invite.text + "A") == .damaged)
  }

  @Test("a code of the limit is read, and a longer one refused")
  func limit() throws {
    let room = Limits.shareCodeCharactersMax - invite.text.utf8.count
    let spaced = invite.text + String(repeating: " ", count: 2 * Limits.shareCodeCharactersMax)
    #expect(try ShareCode(text: spaced) == invite)
    #expect(error(invite.text + String(repeating: "A", count: room + 1)) == .notACode)
    #expect(error(invite.text + String(repeating: "A", count: room)) == .damaged)
  }
}
