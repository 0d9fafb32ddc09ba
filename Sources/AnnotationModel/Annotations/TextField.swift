/// Why a text cannot stand in a field.
package enum TextFieldError: Error, Hashable, Sendable {
  /// Nothing is left, for names once white space and invisible marks at both ends are taken off.
  case empty(TextField)
  /// The text has `bytes` bytes of UTF-8; the field takes ``TextField/bytesMax``.
  case tooLong(TextField, bytes: Int)
  /// The code point at `offset` is a control character or a line break that the field does not
  /// take.
  case controlCharacter(TextField, Unicode.Scalar, offset: Int)
  /// The code point at `offset` is an invisible bidi control mark; names that look alike would
  /// differ.
  case bidiControl(TextField, Unicode.Scalar, offset: Int)
  /// The code point at `offset` has no meaning in this version of Unicode, so its normal form is
  /// not fixed.
  case unassigned(TextField, Unicode.Scalar, offset: Int)
}

/// The fields that hold text that people type, with what each takes.
///
/// *Names* (labels, tags, types of relations, people) are compared, so they are brought to Unicode's
/// normal form C, and white space and invisible marks are taken off both ends. In texts of several
/// lines CR LF, which some editors and terminals write, becomes LF. Everything else is kept exactly as
/// it was typed.
package enum TextField: Hashable, Sendable, CaseIterable {
  case labelName, tag, relationType, memberName, title, source, fileName, note, reply, reason

  /// The bytes of UTF-8 that the field takes.
  package var bytesMax: Int {
    switch self {
    case .labelName, .tag, .relationType, .memberName: AnnotationLimits.nameBytes
    case .title: AnnotationLimits.titleBytes
    case .source: AnnotationLimits.sourceBytes
    case .fileName: AnnotationLimits.fileNameBytes
    case .note, .reply: AnnotationLimits.noteBytes
    case .reason: AnnotationLimits.reasonBytes
    }
  }

  /// Whether equal values of this field must have equal bytes.
  package var isName: Bool {
    switch self {
    case .labelName, .tag, .relationType, .memberName: true
    case .title, .source, .fileName, .note, .reply, .reason: false
    }
  }

  private var takesLines: Bool {
    switch self {
    case .note, .reply, .reason: true
    case .labelName, .tag, .relationType, .memberName, .title, .source, .fileName: false
    }
  }

  /// An empty note or source is how one is taken back.
  private var takesNothing: Bool {
    switch self {
    case .note, .source: true
    case .labelName, .tag, .relationType, .memberName, .title, .fileName, .reply, .reason: false
    }
  }

  /// The text to store for what was typed, or why there is none.
  ///
  /// Offsets in errors count code points of the text that would have been stored.
  package func accept(_ typed: String) throws(TextFieldError) -> String {
    let bytes = typed.utf8.count
    // Normalising may shorten a name, but not by so much; this bounds the work.
    guard bytes <= 4 * bytesMax else { throw .tooLong(self, bytes: bytes) }
    let scalars = isName ? Self.normalised(typed) : verbatim(typed)
    let blank = isName ? scalars.isEmpty : Self.trimmed(scalars[...]).isEmpty
    guard takesNothing || !blank else { throw .empty(self) }
    for (offset, scalar) in scalars.enumerated() { try check(scalar, at: offset) }
    let text = UTF8Text.string(of: scalars)
    guard text.utf8.count <= bytesMax else { throw .tooLong(self, bytes: text.utf8.count) }
    return text
  }

  private func check(_ scalar: Unicode.Scalar, at offset: Int) throws(TextFieldError) {
    switch scalar.properties.generalCategory {
    case .control where takesLines && (scalar == "\n" || scalar == "\t"):
      return
    case .control:
      throw .controlCharacter(self, scalar, offset: offset)
    case .lineSeparator where !takesLines, .paragraphSeparator where !takesLines:
      throw .controlCharacter(self, scalar, offset: offset)
    case .unassigned where isName:
      throw .unassigned(self, scalar, offset: offset)
    default:
      guard !isName || !BidiControl.contains(scalar) else {
        throw .bidiControl(self, scalar, offset: offset)
      }
    }
  }

  /// What was typed, with line feeds alone as line breaks where there may be several lines.
  private func verbatim(_ typed: String) -> [Unicode.Scalar] {
    let scalars = Array(typed.unicodeScalars)
    guard takesLines, scalars.contains("\r") else { return scalars }
    return scalars.indices.filter { index in
      let next = index + 1
      return scalars[index] != "\r" || next == scalars.endIndex || scalars[next] != "\n"
    }.map { scalars[$0] }
  }

  /// Normal form C, then without white space and invisible marks at both ends, which come along when
  /// a name is copied; a piece of normalised text is normalised.
  static func normalised(_ text: String) -> [Unicode.Scalar] {
    let composed = NormalForm.composed(text)
    guard let first = composed.firstIndex(where: { !BidiControl.isAround($0) }),
      let last = composed.lastIndex(where: { !BidiControl.isAround($0) })
    else { return [] }
    return Array(composed[first...last])
  }

  /// `text` without the white space (Unicode's property White_Space) at its ends.
  package static func trimmed(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    guard let first = text.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = text.lastIndex(where: { !$0.properties.isWhitespace })
    else { return [] }
    return text[first...last]
  }
}
