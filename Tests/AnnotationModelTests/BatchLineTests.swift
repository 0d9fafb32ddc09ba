import AnnotationModel
import Testing

@Suite struct BatchLineTests {
  private func parse(_ line: String) throws(BatchLineError) -> BatchLine {
    try BatchLine(parsing: Array(line.utf8))
  }

  private func failure(_ line: String) -> BatchLineError? {
    do {
      _ = try parse(line)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "Every operation is read from its shape",
    arguments: [
      (#"{"op":"article","id":"a1","title":"عنوان","text":"نص"}"#, BatchOperation.article),
      (#"{"op":"article","id":"a1","text":"نص"}"#, .article),
      (
        #"{"op":"article","id":"a1","text":"x","file":"a.txt","source":"s","deleted":true}"#,
        .article
      ),
      (#"{"op":"revise","id":"a1","text":"نص آخر","current":false}"#, .revise),
      (#"{"op":"label","id":"l1","name":"b","former":["a"]}"#, .label),
      (
        #"{"op":"annotate","id":"n1","article":"a1","spans":[[0,2],[5,9]],"quote":"x","label":"l","note":"n","tags":["t"]}"#,
        .annotate
      ),
      (
        #"{"op":"annotate","id":"n1","article":"a1","spans":[[0,2]],"note":null,"tags":null}"#,
        .annotate
      ),
      (#"{"op":"annotate","id":"n1","article":"a1","quote":"x","confidence":0.5}"#, .annotate),
      (#"{"op":"edit","id":"n1","confidence":"0.25"}"#, .edit),
      (#"{"op":"edit","id":"n1","label":"l","note":"","spans":[[3,4]]}"#, .edit),
      (#"{"op":"tag","id":"n1","tag":"t"}"#, .tag),
      (#"{"op":"untag","id":"n1","tag":"t"}"#, .untag),
      (#"{"op":"delete","id":"n1"}"#, .delete), (#" { "id" : "n1", "op" : "restore" } "#, .restore),
      (#"{"op":"reply","id":"r1","parent":"n1","note":"n"}"#, .reply),
      (#"{"op":"relate","id":"x1","from":"n1","type":"يناقض","to":"n2"}"#, .relate),
      (#"{"op":"resolve","id":"n1","field":"label","value":"l","reason":"r"}"#, .resolve),
      (#"{"op":"resolve","id":"n1","field":"confidence","value":1,"reason":"r"}"#, .resolve),
      (#"{"op":"resolve","id":"n1","field":"lifecycle","value":"live","reason":"r"}"#, .resolve),
      (
        #"{"op":"resolve","id":"n1","field":"target","value":{"spans":[[1,2]]},"reason":"r"}"#,
        .resolve
      ),
    ])
  func shapes(line: String, operation: BatchOperation) throws {
    #expect(try parse(line).operation == operation)
  }

  @Test func `values arrive exactly, escapes read and spans sorted`() throws {
    let line = #"""
      {"op":"annotate","id":"n\u0031","article":"a","spans":[[5,9],[0,2]],"quote":"\ud83d\udc68\u200d\"\\\/\n","tags":["b","a"],"confidence":0.1}
      """#
    guard case .annotate(let id, let annotation) = try parse(line) else {
      Issue.record("no annotation")
      return
    }
    #expect(same(id, "n1"))
    #expect(annotation.spans?.map(\.range) == [0..<2, 5..<9])
    #expect(same(annotation.quote, "👨\u{200D}\"\\/\n"))
    #expect(annotation.tags == ["b", "a"])
    #expect(annotation.confidence?.millionths == 100_000)
    #expect(annotation.label == nil)
  }

  @Test(
    "A bad line is refused with the key that is wrong",
    arguments: [
      (#"{"op":"shout","id":"x"}"#, BatchLineError.unknownOperation("shout")),
      (#"{"id":"x"}"#, .missing(key: "op")), (#"{"op":"delete"}"#, .missing(key: "id")),
      (#"{"op":"article","id":"a"}"#, .missing(key: "text")),
      (#"{"op":"delete","id":"x","force":true}"#, .unknownKey("force")),
      (
        #"{"op":"edit","id":"x","tags":[]}"#,
        .missingOneOf(["label", "note", "confidence", "spans"])
      ),
      (#"{"op":"annotate","id":"x","article":"a"}"#, .missingOneOf(["spans", "quote"])),
      (#"{"op":"delete","id":7}"#, .wrongType(key: "id", expected: "string", found: .number)),
      (
        #"{"op":"edit","id":"x","note":null}"#,
        .wrongType(key: "note", expected: "string", found: .null)
      ),
      (#"{"op":"edit","id":"x","spans":[]}"#, .spans(key: "spans", .none)),
      (
        #"{"op":"edit","id":"x","spans":[[4,2]]}"#,
        .spans(key: "spans", .reversed(start: 4, end: 2))
      ),
      (#"{"op":"edit","id":"x","spans":[[2,2]]}"#, .spans(key: "spans", .empty(at: 2))),
      (
        #"{"op":"edit","id":"x","spans":[[1.5,2]]}"#,
        .wrongType(key: "spans", expected: "[[start, end], …]", found: .array)
      ),
      (
        #"{"op":"edit","id":"x","spans":["0:2"]}"#,
        .wrongType(key: "spans", expected: "[[start, end], …]", found: .string)
      ),
      (
        #"{"op":"edit","id":"x","confidence":1.5}"#,
        .confidence(key: "confidence", .outOfRange("1.5"))
      ),
      (#"{"op":"edit","id":"","note":"n"}"#, .identity(key: "id", .empty)),
      (
        #"{"op":"resolve","id":"x","field":"colour","value":"v","reason":"r"}"#,
        .unknownField("colour")
      ),
      (
        #"{"op":"resolve","id":"x","field":"tags","value":"v","reason":"r"}"#, .unknownField("tags")
      ),
      (
        #"{"op":"resolve","id":"x","field":"lifecycle","value":"gone","reason":"r"}"#,
        .unknownLifecycle("gone")
      ),
      (
        #"{"op":"resolve","id":"x","field":"target","value":{"spans":[[0,1]],"z":1},"reason":"r"}"#,
        .unknownKey("value.z")
      ),
      ("[]", .notAnObject(.array)), ("\"x\"", .notAnObject(.string)),
    ])
  func refused(line: String, error: BatchLineError) {
    #expect(failure(line) == error)
  }

  @Test(
    "What is not strict JSON is refused with its offset",
    arguments: [
      ("", JSONError.unexpected(offset: 0)), ("{", .unexpected(offset: 1)),
      (#"{"op":"delete","id":"x"} x"#, .unexpected(offset: 25)),
      (#"{"op":"delete","id":"x",}"#, .unexpected(offset: 24)),
      (#"{'op':1}"#, .unexpected(offset: 1)), (#"{"a":01}"#, .unexpected(offset: 6)),
      (#"{"a":+1}"#, .unexpected(offset: 5)), (#"{"a":1.}"#, .unexpected(offset: 7)),
      (#"{"a":.5}"#, .unexpected(offset: 5)), (#"{"a":NaN}"#, .unexpected(offset: 5)),
      (#"{"a":tru}"#, .unexpected(offset: 5)), (#"{"a":"\x"}"#, .unexpected(offset: 7)),
      ("{\"a\":\"\t\"}", .unexpected(offset: 6)), (#"{"a":"x"#, .unexpected(offset: 7)),
      (#"{"a":"\u12"}"#, .unexpected(offset: 8)), (#"{"a":"\u+123"}"#, .unexpected(offset: 8)),
      (#"{"a":"\ud800"}"#, .loneSurrogate(offset: 6)),
      (#"{"a":"\udc00"}"#, .loneSurrogate(offset: 6)),
      (#"{"a":"\ud800\u0041"}"#, .loneSurrogate(offset: 6)),
      (#"{"a":1,"a":2}"#, .duplicateName("a")), (#"{"a":1,"\u0061":2}"#, .duplicateName("a")),
      ("[[[[[[[[[1]]]]]]]]]", .tooDeep(offset: 8)), ("\u{FEFF}{}", .unexpected(offset: 0)),
    ])
  func strictJSON(line: String, error: JSONError) {
    #expect(failure(line) == .json(error))
  }

  @Test func `canonically equivalent names are two names`() throws {
    let line = "{\"op\":\"delete\",\"id\":\"x\",\"\u{E9}\":1,\"e\u{301}\":2}"
    #expect(failure(line) == .unknownKey("\u{E9}"))
  }

  @Test func `bytes that are not UTF-8 are refused where they begin`() {
    #expect(throws: BatchLineError.json(.notUTF8(offset: 2))) {
      try BatchLine(parsing: [0x7B, 0x22, 0xC0, 0x22])
    }
  }

  @Test func `an article of a mebibyte fits into a line however it is escaped`() throws {
    let escaped = String(repeating: #"\u0001"#, count: AnnotationLimits.articleBytes)
    let line = #"{"op":"article","id":"a","title":"t","text":""# + escaped + "\"}"
    guard case .article(_, let article) = try parse(line) else {
      Issue.record("no article")
      return
    }
    #expect(article.text.utf8.count == AnnotationLimits.articleBytes)
    let limit = AnnotationLimits.batchLineBytes
    #expect(throws: BatchLineError.json(.tooLong(bytes: limit + 1))) {
      try BatchLine(parsing: [UInt8](repeating: 0x20, count: limit + 1))
    }
  }

  @Test func `256 tags are taken and 257 are not`() throws {
    func line(_ count: Int) -> String {
      let tags = (0..<count).map { "\"\($0)\"" }.joined(separator: ",")
      return #"{"op":"annotate","id":"x","article":"a","quote":"q","tags":["# + tags + "]}"
    }
    _ = try parse(line(256))
    #expect(failure(line(257)) == .tooManyTags(257))
  }
}
