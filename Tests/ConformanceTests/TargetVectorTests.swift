import AnnotationModel
import MergeCore
import Testing

/// `targets.json`: encoded targets, and bytes that are none.
struct TargetVectorTests {
  private struct Valid: Codable {
    var article: String
    var version: String
    var spans: [[Int]]
    var exact: [String]
    var prefix: [String]
    var suffix: [String]
    var bytes: String
  }

  private struct File: Codable {
    /// The article's bytes, hexadecimal; the targets quote its text.
    var article: String
    var valid: [Valid]
    var invalid: [InvalidCase]
  }

  @Test("targets are read and refused as the vectors say")
  func targets() throws {
    let file = try VectorFile<File>(name: "targets.json").read(made: make())
    let text = try ArticleText(importing: bytes(file.article))
    for vector in file.valid {
      let target = try Target(encoded: bytes(vector.bytes))
      #expect(valid(target).bytes == vector.bytes)
      #expect(target.spans.map { [$0.start, $0.end] } == vector.spans)
      try target.check(against: text)
    }
    for vector in file.invalid {
      do throws(TargetDecodingError) {
        _ = try Target(encoded: (try? bytes(vector.bytes)) ?? [])
        Issue.record("\(vector.name) was read")
      } catch {
        #expect(name(of: error) == vector.error, "\(vector.name)")
      }
    }
  }

  private func valid(_ target: Target) -> Valid {
    func text(_ scalars: [Unicode.Scalar]) -> String {
      String(String.UnicodeScalarView(scalars))
    }
    return Valid(
      article: target.article.hex, version: target.version.hex,
      spans: target.spans.map { [$0.start, $0.end] },
      exact: target.quotations.map { text($0.exact) },
      prefix: target.quotations.map { text($0.prefix) },
      suffix: target.quotations.map { text($0.suffix) }, bytes: hexText(target.encoded))
  }

  private func make() throws -> File {
    let text = try ArticleText(importing: articleBytes)
    let one = try Target(article: article, text: text, spans: [Span(start: 2, end: 7)])
    let two = try Target(
      article: article, text: text, spans: [Span(start: 8, end: 15), Span(start: 0, end: 1)])
    let whole = one.encoded
    var otherLayout = whole
    otherLayout[0] = 2
    var noSpans = whole
    noSpans[65] = 0
    var reversed = whole
    reversed.swapAt(69, 73)
    var notText = whole
    notText[78] = 0xFF
    var longer = whole
    longer[73] += 1
    let invalid: [(String, [UInt8], String)] = [
      ("empty", [], "wrongLength"), ("an unknown layout", otherLayout, "unknownLayout"),
      ("no spans", noSpans, "spans"), ("a reversed span", reversed, "spans"),
      ("a quote that is not UTF-8", notText, "notUTF8"),
      ("a quote shorter than its span", longer, "textLength"),
      ("cut short", whole.dropLast(), "wrongLength"),
      ("bytes after the end", whole + [0], "wrongLength"),
    ]
    return File(
      article: hexText(articleBytes), valid: [valid(one), valid(two)],
      invalid: invalid.map { InvalidCase(name: $0.0, bytes: hexText($0.1), error: $0.2) })
  }
}
