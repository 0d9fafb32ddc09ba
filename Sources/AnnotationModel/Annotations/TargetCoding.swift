import MergeCore

/// Why bytes are not an encoded target.
package enum TargetDecodingError: Error, Hashable, Sendable {
  /// The first byte names a layout that this version does not know.
  case unknownLayout(UInt8)
  /// The bytes end early, go on after the end, or exceed `AnnotationLimits.targetBytes`.
  case wrongLength
  /// The spans are no ascending, non-empty, non-overlapping run of 1 to
  /// `AnnotationLimits.spanCount`.
  case spans
  /// A quote or context is not UTF-8.
  case notUTF8
  /// A quote's length differs from its span's, or a context is longer or shorter than the rule
  /// allows.
  case textLength
}

// Layout 1; numbers are big-endian.
//
//   1   layout, 1
//   32  article
//   32  version of the text
//   1   number of spans, 1…64
//   then for each span, ascending:
//   4   start, code points
//   4   end, code points, above start and not above the next start
//   4+n bytes of the exact quote: their number, then UTF-8 of end - start code points
//   2+n bytes of the prefix: their number, then UTF-8 of min(32, start) code points
//   2+n bytes of the suffix: their number, then UTF-8 of at most 32 code points
//
// Every number has one width and every text one encoding, so a target has exactly one encoding, and
// whatever decodes encodes to the same bytes. Protocol Buffers were rejected here because their
// encodings are not unique.
extension Target {
  private static let layout: UInt8 = 1
  static let headerBytes = 1 + 2 * Digest256.byteCount + 1

  /// The bytes of the `target` register; equal targets have equal bytes.
  package var encoded: [UInt8] {
    var bytes = [Self.layout] + article.bytes + version.bytes + [UInt8(quotations.count)]
    for quotation in quotations {
      append(quotation.span.start, width: 4, to: &bytes)
      append(quotation.span.end, width: 4, to: &bytes)
      append(quotation.exact, lengthWidth: 4, to: &bytes)
      append(quotation.prefix, lengthWidth: 2, to: &bytes)
      append(quotation.suffix, lengthWidth: 2, to: &bytes)
    }
    return bytes
  }

  /// Reads what ``encoded`` writes and refuses everything else; linear in the number of bytes.
  ///
  /// That the words stand in an article is not known here: see ``check(against:)``.
  package init(encoded bytes: [UInt8]) throws(TargetDecodingError) {
    guard bytes.count <= AnnotationLimits.targetBytes else { throw .wrongLength }
    var reader = TargetReader(bytes: bytes[...])
    let layout = try reader.number(width: 1)
    guard layout == Int(Self.layout) else { throw .unknownLayout(UInt8(layout)) }
    guard let article = ArticleID(bytes: try reader.take(Digest256.byteCount)),
      let version = TextVersion(bytes: try reader.take(Digest256.byteCount))
    else { throw .wrongLength }
    let count = try reader.number(width: 1)
    guard (1...AnnotationLimits.spanCount).contains(count) else { throw .spans }
    var quotations: [Quotation] = []
    for _ in 0..<count {
      let quotation = try reader.quotation()
      if let last = quotations.last, last.span.end > quotation.span.start { throw .spans }
      quotations.append(quotation)
    }
    guard reader.bytes.isEmpty else { throw .wrongLength }
    self.init(article: article, version: version, quotations: quotations)
  }

  private func append(_ number: Int, width: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: 8 * (width - 1), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  private func append(_ text: [Unicode.Scalar], lengthWidth: Int, to bytes: inout [UInt8]) {
    let encoded = UTF8Text.bytes(of: text)
    append(encoded.count, width: lengthWidth, to: &bytes)
    bytes += encoded
  }
}

extension Quotation {
  /// The bytes of one quotation besides its texts.
  static let fixedBytes = 4 + 4 + 4 + 2 + 2
}

private struct TargetReader {
  var bytes: ArraySlice<UInt8>

  mutating func take(_ count: Int) throws(TargetDecodingError) -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw .wrongLength }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func number(width: Int) throws(TargetDecodingError) -> Int {
    try take(width).reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func text(lengthWidth: Int) throws(TargetDecodingError) -> [Unicode.Scalar] {
    let bytes = try take(try number(width: lengthWidth))
    do {
      return try UTF8Text.scalars(of: bytes)
    } catch {
      throw .notUTF8
    }
  }

  mutating func quotation() throws(TargetDecodingError) -> Quotation {
    let start = try number(width: 4)
    let end = try number(width: 4)
    guard let span = try? Span(start: start, end: end) else { throw .spans }
    let exact = try text(lengthWidth: 4)
    let prefix = try text(lengthWidth: 2)
    let suffix = try text(lengthWidth: 2)
    let reach = AnnotationLimits.contextCodePoints
    guard exact.count == span.codePointCount, prefix.count == min(reach, start),
      suffix.count <= reach
    else { throw .textLength }
    return Quotation(span: span, exact: exact, prefix: prefix, suffix: suffix)
  }
}
