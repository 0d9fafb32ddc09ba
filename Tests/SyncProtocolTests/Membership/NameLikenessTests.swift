import SyncProtocol
import Testing

@Suite struct NameLikenessTests {
  @Test(arguments: [
    ("omar", "omar"), ("Omar", "oMAR"), ("\u{E9}t\u{E9}", "E\u{301}TE\u{301}"),
    ("omar", "omar\u{200F}"), ("\u{2067}omar\u{2069}", "omar"), ("omar", " omar\u{A0}"),
    ("عمر", "عمر\u{200E}"), ("omar", "om\u{200B}ar"), ("omar", "omar\t"),
  ])
  func `names that read alike are alike, both ways`(left: String, right: String) {
    #expect(NameLikeness.areAlike(left, right))
    #expect(NameLikeness.areAlike(right, left))
  }

  @Test(arguments: [
    ("omar", "omer"), ("omar", "omar said"), ("a b", "ab"), ("a", ""), ("علي", "على"),
    ("omar", "om@r"), ("[", "{"),
  ])
  func `names that read otherwise are not`(left: String, right: String) {
    #expect(!NameLikeness.areAlike(left, right))
    #expect(!NameLikeness.areAlike(right, left))
  }
}
