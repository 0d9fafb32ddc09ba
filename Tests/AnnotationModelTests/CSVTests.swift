import AnnotationModel
import Testing

@Suite struct CSVTests {
  @Test(
    "Fields are quoted where RFC 4180 or a careless reader needs it",
    arguments: [
      ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""),
      ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), (" a", "\" a\""), ("نص، آخر", "نص، آخر"),
      ("a\r\nb", "\"a\r\nb\""),
    ])
  func quoting(field: String, written: String) {
    #expect(CSV.record([field]) == Array((written + "\r\n").utf8))
  }

  @Test(
    "A text that a spreadsheet would run gets an apostrophe",
    arguments: [
      ("=1+1", "'=1+1"), ("+1", "'+1"), ("-x", "'-x"), ("@A1", "'@A1"), ("\t=1", "'\t=1"),
      ("\r=", "\"'\r=\""), ("\n=", "\"'\n=\""), ("＝1", "'＝1"), ("'quoted'", "''quoted'"),
      ("a=1", "a=1"),
      ("=\u{301}", "'=\u{301}"),
    ])
  func formulas(field: String, written: String) {
    #expect(CSV.record([field]) == Array((written + "\r\n").utf8))
  }

  @Test func `fields are separated by commas and records ended by CR LF`() {
    #expect(CSV.record(["a", "", "c d"]) == Array("a,,c d\r\n".utf8))
    #expect(CSV.byteOrderMark == Array("\u{FEFF}".utf8))
  }
}
