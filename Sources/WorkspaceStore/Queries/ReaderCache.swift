import AnnotationModel
import MergeCore

/// What one reader has decoded already: it lives and dies with its transaction.
final class ReaderCache {
  /// Texts by version; what a version is never changes.
  private var texts: [Digest256: ArticleText] = [:]
  private var shownVersions: [ArticleID: TextVersion] = [:]
  private(set) var codebook: Codebook?
  private(set) var labelNames: [LabelID: String] = [:]

  func text(of version: Digest256) -> ArticleText? { texts[version] }

  func keep(_ text: ArticleText) {
    if texts.count >= Self.textCountMax { texts.removeAll() }
    texts[text.version.digest] = text
  }

  func shownVersion(of article: ArticleID) -> TextVersion? { shownVersions[article] }

  func keep(_ version: TextVersion, of article: ArticleID) { shownVersions[article] = version }

  /// Forgets what a change of an article makes stale.
  func forgetShownVersions() { shownVersions = [:] }

  func keep(_ codebook: Codebook) { self.codebook = codebook }

  func keep(_ name: String, of label: LabelID) { labelNames[label] = name }

  /// Forgets what a change of a label makes stale.
  func forgetLabels() {
    codebook = nil
    labelNames = [:]
  }

  private static let textCountMax = 16
}
