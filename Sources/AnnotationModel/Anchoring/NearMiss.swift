/// What an article has instead of a quote that it does not have.
package enum NearMiss: Hashable, Sendable {
  /// These passages are the quote when Arabic spelling is folded.
  case folded(PassageList)
  /// The text begins like the quote, as far as the passage goes when spelling is folded, and then
  /// goes on otherwise.
  case beginning(Passage)
}

extension ArticleText {
  /// The code points that a beginning must share with the quote before it is worth mentioning.
  private static let beginningMin = 8

  /// Looks for something like `quote` at offsets from `offset` on; nil when there is nothing.
  ///
  /// Linear in text and quote. Called when an exact search has failed, so the text is folded each
  /// time and not kept.
  func nearMiss(to quote: [Unicode.Scalar], from offset: Int) -> NearMiss? {
    let needle = Self.trimmed(FoldedText(quote).scalars)
    guard !needle.isEmpty else { return nil }
    let folded = FoldedText(Array(scalars[offset...]))
    let search = ScalarSearch(needle)
    let spans = search.starts(in: folded.scalars).map { start in
      original(of: start..<start + needle.count, in: folded, from: offset)
    }
    guard spans.isEmpty else { return .folded(PassageList(spans, in: self)) }
    guard let beginning = search.longestBeginning(in: folded.scalars),
      beginning.length >= Self.beginningMin
    else { return nil }
    let range = beginning.start..<beginning.start + beginning.length
    return .beginning(passage(at: original(of: range, in: folded, from: offset)))
  }

  private func original(
    of range: Range<Int>, in folded: FoldedText, from offset: Int
  ) -> Span {
    let origin = folded.origin(of: range)
    return Span(origin.lowerBound + offset..<origin.upperBound + offset)
  }

  private static func trimmed(_ folded: [Unicode.Scalar]) -> [Unicode.Scalar] {
    Array(TextField.trimmed(folded[...]))
  }
}
