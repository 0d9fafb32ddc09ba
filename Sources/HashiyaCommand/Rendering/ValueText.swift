import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Values of fields as people read them.
enum ValueText {
  /// A value that fits a line among others; nil when it wants lines of its own.
  static func inline(_ value: ValueView) -> StyledText? {
    switch value {
    case .text, .label:
      let text = text(value)
      guard !BidiText.mayRunRightToLeft(text), text.utf8.count <= 40,
        !text.utf8.contains(UInt8(ascii: "\n"))
      else { return nil }
      return text.isEmpty ? dim("(empty)") : "\(text)"
    case .target: return nil
    case .confidence(let confidence): return "\(confidence.text)"
    case .record(let record): return "…\(hexText(record.bytes.suffix(4)))"
    case .ends(let ends):
      return "…\(hexText(ends.from.bytes.suffix(4))) → …\(hexText(ends.to.bytes.suffix(4)))"
    case .version(let version, let count):
      return "text \(String(version.hex.prefix(8)))… of \(count) bytes"
    case .tags(let tags): return tags.isEmpty ? dim("(none)") : "\(tags.joined(separator: ", "))"
    case .live: return "live"
    case .deleted: return "deleted"
    case .none: return dim("(nothing)")
    case .withdrawn: return dim("(withdrawn)")
    case .unreadable(let count): return dim("(\(count) bytes of a newer version)")
    }
  }

  /// A value on lines of its own; none when it fits a line.
  static func block(_ value: ValueView, indentation: StyledText = "       ") -> [StyledText] {
    guard inline(value) == nil else { return [] }
    if case .target(let target) = value {
      let offsets = target.spans.map(\.text).joined(separator: " ")
      return [indentation + StyledText(verbatim: offsets, .dim)]
        + PassageText.block(
          PassageText.short(target.quote, columns: 100), indentation: indentation)
    }
    return PassageText.block(text(value), indentation: indentation)
  }

  /// A value in a sentence.
  static func word(_ value: ValueView) -> StyledText {
    inline(value) ?? "\(PassageText.short(text(value), columns: 40))"
  }

  private static func text(_ value: ValueView) -> String {
    switch value {
    case .text(let text), .label(_, let text, nil): text
    case .label(_, let text, let now?): "\(text), now \(now)"
    case .target(let target): target.quote
    case .confidence, .record, .ends, .version, .tags, .live, .deleted, .none, .withdrawn,
      .unreadable:
      ""
    }
  }

  private static func dim(_ text: String) -> StyledText { StyledText(verbatim: text, .dim) }
}
