import AnnotationModel
import Testing

@Suite struct TextFieldTests {
  @Test("Each field takes its limit of bytes and not one more", arguments: TextField.allCases)
  func limits(field: TextField) throws {
    let full = String(repeating: "x", count: field.bytesMax)
    #expect(same(try field.accept(full), full))
    #expect(throws: TextFieldError.tooLong(field, bytes: field.bytesMax + 1)) {
      try field.accept(full + "x")
    }
  }

  @Test("Blank text is refused where something must be said", arguments: TextField.allCases)
  func blank(field: TextField) throws {
    if field == .note || field == .source {
      #expect(same(try field.accept(""), ""))
    } else {
      #expect(throws: TextFieldError.empty(field)) { try field.accept("") }
      #expect(throws: TextFieldError.empty(field)) { try field.accept(" \u{A0}") }
    }
  }

  @Test("Names are normalised and trimmed", arguments: [TextField.labelName, .tag, .relationType])
  func names(field: TextField) throws {
    #expect(same(try field.accept("\u{2003}e\u{301} \u{627}\u{653} "), "\u{E9} \u{622}"))
  }

  @Test func `notes and titles are kept as typed`() throws {
    #expect(same(try TextField.note.accept(" e\u{301}\n\tx "), " e\u{301}\n\tx "))
    #expect(same(try TextField.title.accept(" \u{627}\u{653}"), " \u{627}\u{653}"))
    #expect(same(try TextField.reply.accept("a\r\nb\r\n"), "a\nb\n"))
    #expect(same(try TextField.note.accept("\u{202B}نص\u{202C}"), "\u{202B}نص\u{202C}"))
  }

  @Test(
    "Control characters, marks and unassigned code points are refused where they harm",
    arguments: [
      (TextField.note, "a\u{1B}[2J", TextFieldError.controlCharacter(.note, "\u{1B}", offset: 1)),
      (.note, "a\rb", .controlCharacter(.note, "\r", offset: 1)),
      (.note, "\u{9B}", .controlCharacter(.note, "\u{9B}", offset: 0)),
      (.title, "a\nb", .controlCharacter(.title, "\n", offset: 1)),
      (.tag, "a\tb", .controlCharacter(.tag, "\t", offset: 1)),
      (.fileName, "a\u{0}", .controlCharacter(.fileName, "\u{0}", offset: 1)),
      (.source, "a\u{2028}", .controlCharacter(.source, "\u{2028}", offset: 1)),
      (.labelName, "a\u{200F}b", .bidiControl(.labelName, "\u{200F}", offset: 1)),
      (.tag, "x\u{2067}y", .bidiControl(.tag, "\u{2067}", offset: 1)),
      (.labelName, "a\u{0378}", .unassigned(.labelName, "\u{0378}", offset: 1)),
    ])
  func refused(field: TextField, typed: String, error: TextFieldError) {
    #expect(throws: error) { try field.accept(typed) }
  }

  @Test func `joiners that spell a word are taken`() throws {
    #expect(same(try TextField.tag.accept("می\u{200C}شود"), "می\u{200C}شود"))
  }
}
