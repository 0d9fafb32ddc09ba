import AnnotationModel
import CommandLineKit

/// What is wrong with typed values, as a person reads it; all of it is bad data.
enum AnnotationFailures {
  /// Spans that make no passage.
  static func failure(_ error: SpanError) -> CommandFailure {
    switch error {
    case .malformed(let text):
      CommandFailure(
        .badData, "\(text) is no span", remedy: "write two offsets with a colon, such as 120:134")
    case .reversed(let start, let end):
      CommandFailure(
        .badData, "the span \(start):\(end) ends before it begins",
        remedy: "did you mean \(end):\(start)?")
    case .empty(let offset):
      CommandFailure(
        .badData, "the span \(offset):\(offset) covers nothing",
        remedy: "the end is exclusive; for one code point write \(offset):\(offset + 1)")
    case .outOfRange(let start, let end, let count):
      CommandFailure(
        .badData,
        "the span \(start):\(end) is not inside the text, which has \(counted(count, "code point"))"
      )
    case .overlapping(let first, let second):
      CommandFailure(
        .badData, "the spans \(first.text) and \(second.text) of one annotation overlap",
        remedy: "write them as one, or make two annotations")
    case .none:
      CommandFailure(.badData, "an annotation needs at least one span")
    case .tooMany(let count):
      CommandFailure(
        .badData,
        "\(count) spans are more than the \(AnnotationLimits.spanCount) of one annotation")
    }
  }

  /// Text that a field does not take.
  static func failure(_ error: TextFieldError) -> CommandFailure {
    switch error {
    case .empty(let field):
      CommandFailure(.badData, "\(name(field)) is empty")
    case .tooLong(let field, let bytes):
      CommandFailure(
        .badData,
        "\(name(field)) has \(bytes) bytes of UTF-8, more than the \(field.bytesMax) it may have")
    case .controlCharacter(let field, let scalar, let offset):
      CommandFailure(
        .badData,
        "\(name(field)) has a control character or line break \(code(scalar)) at offset \(offset)")
    case .bidiControl(let field, let scalar, let offset):
      CommandFailure(
        .badData,
        "\(name(field)) has an invisible direction mark \(code(scalar)) at offset \(offset)",
        remedy: "type it again instead of pasting it")
    case .unassigned(let field, let scalar, let offset):
      CommandFailure(
        .badData,
        "\(name(field)) has \(code(scalar)) at offset \(offset), which Unicode does not know yet")
    }
  }

  /// Ids that scripts give.
  static func failure(_ error: ExternalIDError) -> CommandFailure {
    switch error {
    case .empty: CommandFailure(.badData, "an id is empty")
    case .tooLong(let bytes):
      CommandFailure(
        .badData,
        "an id has \(bytes) bytes, more than the \(AnnotationLimits.externalIDBytes) it may have")
    case .null: CommandFailure(.badData, "an id has the character U+0000 in it, at which text ends")
    }
  }

  /// Numbers that are no confidence.
  static func failure(_ error: ConfidenceError) -> CommandFailure {
    switch error {
    case .malformed(let text): CommandFailure(.badData, "\(text) is no confidence")
    case .outOfRange(let text):
      CommandFailure(.badData, "the confidence \(text) is not from 0 to 1")
    case .tooPrecise(let text):
      CommandFailure(.badData, "the confidence \(text) has more than six decimals")
    }
  }

  /// Files that cannot be articles.
  static func failure(_ error: ArticleTextError, file: String) -> CommandFailure {
    switch error {
    case .empty:
      CommandFailure(.badData, "\(file) is empty: there is nothing to annotate")
    case .tooLarge(let bytes):
      CommandFailure(
        .badData,
        "\(file) has \(bytes) bytes, more than the \(AnnotationLimits.articleBytes) of an article",
        remedy: "split it")
    case .notUTF8(let offset):
      CommandFailure(
        .badData, "\(file) is not UTF-8: the first wrong byte is at offset \(offset)",
        remedy: "convert it first, for example: iconv -f WINDOWS-1256 -t UTF-8 \(argument: file)")
    }
  }

  private static func name(_ field: TextField) -> String {
    switch field {
    case .labelName: "the label"
    case .tag: "the tag"
    case .relationType: "the type of the relation"
    case .memberName: "the name"
    case .title: "the title"
    case .source: "the source"
    case .fileName: "the name of the file"
    case .note: "the note"
    case .reply: "the reply"
    case .reason: "the reason"
    }
  }

  private static func code(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
