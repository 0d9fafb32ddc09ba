/// Why bytes cannot become an article's text.
package enum ArticleTextError: Error, Hashable, Sendable {
  /// There is no code point to annotate: no bytes at all, or a byte order mark alone.
  case empty
  /// The file has `bytes` bytes, more than `AnnotationLimits.articleBytes`.
  case tooLarge(bytes: Int)
  /// The bytes are not UTF-8; the first ill-formed sequence begins at `byteOffset`.
  case notUTF8(byteOffset: Int)
}

/// The text of an article that people annotate, derived from one version's bytes by one fixed rule:
/// well-formed UTF-8, a byte order mark at the beginning dropped, each CR LF made one LF, nothing
/// else.
///
/// Positions are offsets in code points, from 0, with an exclusive end, as in the W3C Web
/// Annotation Data Model's text position selector (section 4.2.5). Nothing is normalised; a lone
/// CR, a second byte order mark or a NUL stays what it is. Every code point takes four bytes in
/// memory, so reading at an offset costs the same anywhere; UTF-8 with an index table was rejected,
/// since texts have 1 MiB at most.
package struct ArticleText: Hashable, Sendable {
  /// The hash of the bytes that this text was derived from.
  package let version: TextVersion
  /// The text, one element a code point.
  package let scalars: [Unicode.Scalar]
  /// The offset at which each line begins, ascending; the first is 0.
  let lineStarts: [Int]

  /// Derives the text from a version's bytes as they were imported; linear in their number.
  package init(importing bytes: [UInt8]) throws(ArticleTextError) {
    guard bytes.count <= AnnotationLimits.articleBytes else {
      throw .tooLarge(bytes: bytes.count)
    }
    let decoded: [Unicode.Scalar]
    do {
      decoded = try UTF8Text.scalars(of: bytes)
    } catch {
      throw .notUTF8(byteOffset: error.byteOffset)
    }
    let scalars = Self.derived(from: decoded)
    guard !scalars.isEmpty else { throw .empty }
    self.version = TextVersion(hashing: bytes)
    self.scalars = scalars
    self.lineStarts = Self.lineStarts(of: scalars)
  }

  /// The number of code points.
  package var codePointCount: Int { scalars.count }

  /// The code points that `span` covers, which must lie inside the text.
  package func scalars(in span: Span) -> ArraySlice<Unicode.Scalar> { scalars[span.range] }

  /// The string that `span` covers, which must lie inside the text.
  package func string(in span: Span) -> String { UTF8Text.string(of: scalars[span.range]) }

  /// The string in a range of offsets, which must lie inside the text; an empty range gives "".
  package func string(in range: Range<Int>) -> String { UTF8Text.string(of: scalars[range]) }

  /// The whole text as one string.
  package var string: String { UTF8Text.string(of: scalars) }

  private static func derived(from decoded: [Unicode.Scalar]) -> [Unicode.Scalar] {
    let start = decoded.first == "\u{FEFF}" ? 1 : 0
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(decoded.count)
    for index in start..<decoded.count {
      let next = index + 1
      if decoded[index] == "\r", next < decoded.count, decoded[next] == "\n" { continue }
      scalars.append(decoded[index])
    }
    return scalars
  }

  private static func lineStarts(of scalars: [Unicode.Scalar]) -> [Int] {
    var starts = [0]
    for (index, scalar) in scalars.enumerated() where scalar == "\n" && index + 1 < scalars.count {
      starts.append(index + 1)
    }
    return starts
  }
}
