import AnnotationModel
import MergeCore

/// How the words of an annotation stand to its article: what must be known before offsets are shown
/// as facts.
package enum Anchor: String, Sendable {
  /// The text shown has these words, in these surroundings, at these offsets.
  case exact
  /// They stand so in another version than the one shown: the text was changed, here or by others.
  case otherVersion = "other-version"
  /// The version that they name has other words there.
  case mismatch
  /// The version that they name is not here.
  case unknown
}

extension WorkspaceReader {
  /// Compares every word and context with the text; one lookup and comparison once texts are read.
  func anchor(of target: Target) throws -> Anchor {
    guard let text = try text(of: target.version.digest) else { return .unknown }
    do throws(TargetMismatch) {
      try target.check(against: text)
    } catch {
      return .mismatch
    }
    return try shownVersion(ofArticle: target.article) == target.version ? .exact : .otherVersion
  }

  /// The version of an article that is shown, looked up once a reader.
  private func shownVersion(ofArticle article: ArticleID) throws -> TextVersion? {
    if let known = cache.shownVersion(of: article) { return known }
    guard let state = try state(of: article.record) else { return nil }
    let version = TextVersion(digest: state.shownVersion(of: article.record))
    cache.keep(version, of: article)
    return version
  }
}
