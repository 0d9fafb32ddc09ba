import AnnotationModel
import MergeCore
import Testing

@Suite struct ShortHandleTests {
  private func ids(_ texts: String...) throws -> [[UInt8]] {
    try texts.map { try #require(hexBytes(String(repeating: "0", count: 32 - $0.count) + $0)) }
  }

  @Test func `a handle is the shortest end that no other identity has, four digits at least`()
    throws
  {
    let handles = ShortHandle.shortest(of: try ids("aaaa1111", "bbbb2222", "cc0b2222", "17c1e"))
    #expect(
      handles
        == ["1111", "b2222", "b2222", "7c1e"].enumerated().map { index, handle in
          index == 1 ? "bb2222" : index == 2 ? "0b2222" : handle
        })
  }

  @Test func `both ways to make handles agree`() throws {
    var state: UInt64 = 42
    let many: [[UInt8]] = (0..<300).map { _ in
      (0..<16).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return [0x11, 0x12, 0x22][Int(state >> 33) % 3]
      }
    }
    let all = ShortHandle.shortest(of: many)
    for (id, handle) in zip(many, all) {
      let counted = ShortHandle.shortest(of: id) { tail in
        many.filter { HandleQuery.tail(tail).matches($0) }.count
      }
      #expect(counted == handle)
      #expect(many.filter { HandleQuery.tail(handle).matches($0) } == [id])
    }
  }

  @Test func `no identities have no handles, and one repeated has its short one`() throws {
    #expect(ShortHandle.shortest(of: []).isEmpty)
    #expect(ShortHandle.shortest(of: try ids("1234abcd", "1234abcd")) == ["abcd", "abcd"])
  }

  @Test(
    "Handles are typed in either case, with an ellipsis or without",
    arguments: [
      ("7c1e", HandleQuery.tail("7c1e")), ("…7C1E", .tail("7c1e")), ("57c1e", .tail("57c1e")),
      ("7c1", nil), ("7c1g", nil), ("", nil), ("…", nil),
      ("00000000-0000-0000-0000-000000000001", .whole([UInt8](repeating: 0, count: 15) + [1])),
      (String(repeating: "0", count: 64), .whole([UInt8](repeating: 0, count: 32))),
      (String(repeating: "0", count: 65), nil),
    ])
  func typed(text: String, query: HandleQuery?) {
    #expect(HandleQuery(text) == query)
  }

  @Test func `a tail matches ends and a whole identity only itself`() throws {
    let id = try ids("1234abcd")[0]
    #expect(HandleQuery("4abcd")?.matches(id) == true)
    #expect(HandleQuery("1234")?.matches(id) == false)
    #expect(HandleQuery(RecordUUID.text(id))?.matches(id) == true)
  }

  @Test(
    "A name that mixes letters and numerals of a hexadecimal number reads like a handle",
    arguments: [
      ("34ed", true), ("90AB12", true), ("2024", false), ("facade", false), ("3ed", false),
      ("34eg", false), ("claim", false), ("٣٤ed", false),
    ])
  func looksLikeHandle(name: String, isSo: Bool) {
    #expect(HandleQuery.looksLikeHandle(name) == isSo)
  }

  @Test(
    "What stands around a pasted name is taken off, and nothing within it",
    arguments: [
      ("\u{2068}اسم\u{2069}", "اسم"), ("\u{FEFF} a b\u{200F} ", "a b"),
      ("a\u{200E}b", "a\u{200E}b"),
      ("\u{61C}\u{202A}\u{2066}", ""), ("", ""), ("‌a", "‌a"),
    ])
  func trimmed(typed: String, meant: String) {
    #expect(UTF8Text.identical(BidiControl.trimmed(typed), meant))
  }
}
