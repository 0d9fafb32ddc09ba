package import AnnotationModel
package import MergeCore
import SyncProtocol

/// An article as people see it.
package struct ArticleView: Sendable {
  package var id: RecordID
  package var handle: String
  /// The title shown; else the file's name; else the first line.
  package var title: String
  package var file: String?
  package var source: String?
  /// The version shown: the hash of its bytes.
  package var version: TextVersion
  /// Nil when the bytes are gone.
  package var codePoints: Int?
  /// Who added it, and when, milliseconds since 1970.
  package var analyst: String
  package var time: Int64
  package var isDeleted: Bool
  /// What is in conflict, by name.
  package var conflicts: [String]
  package var clock: VectorClock

  /// The hash of the version shown, hexadecimal.
  package var sha256: String { version.hex }
}

extension WorkspaceReader {
  /// One article; nil when nobody added it.
  package func article(_ id: RecordID) throws -> ArticleView? {
    guard id.kind == .article, let state = try state(of: id), !state.creations.isEmpty else {
      return nil
    }
    return try view(id, state, handle: handle(of: id))
  }

  /// Every article by title, then id; deleted ones too.
  ///
  /// Reads every text, to count it.
  package func articles() throws -> [ArticleView] {
    let handles = try handles(of: .article)
    return try records(of: .article)
      .map { try view($0.id, $0.state, handle: handles[$0.id] ?? $0.id.hexText) }
      .sorted {
        UTF8Text.identical($0.title, $1.title)
          ? $0.id < $1.id : UTF8Text.precedes($0.title, $1.title)
      }
  }

  /// The bytes of the version shown, as imported; nil when nobody added the article, or they are
  /// gone.
  package func articleBytes(_ id: RecordID) throws -> [UInt8]? {
    guard let state = try state(of: id), !state.creations.isEmpty else { return nil }
    return try content(state.shownVersion(of: id))
  }

  /// The text of the version shown.
  package func articleText(_ id: RecordID) throws -> ArticleText? {
    guard let state = try state(of: id), !state.creations.isEmpty else { return nil }
    return try text(of: state.shownVersion(of: id))
  }

  /// The text of any version; nil when its bytes are not here.
  package func articleText(version: TextVersion) throws -> ArticleText? {
    try text(of: version.digest)
  }

  /// The versions of an article's text that are or were in it, the first one first.
  package func versions(ofArticle id: RecordID) throws -> [TextVersion] {
    var versions = [TextVersion(digest: Digest256(id.bytes) ?? .zero)]
    for step in try replay(id) {
      for case .write(ArticleField.text, let content) in step.change.operations(on: id) {
        let version = TextVersion(digest: content.value)
        if !versions.contains(version) { versions.append(version) }
      }
    }
    return versions
  }

  /// The bytes of any version; nil when they are not here.
  package func articleBytes(version: TextVersion) throws -> [UInt8]? {
    try content(version.digest)
  }

  /// The bytes of any version as text, byte for byte, with whatever byte order mark and line ends it has;
  /// nil when they are not here.
  package func articleText(bytesOf version: TextVersion) throws -> String? {
    try content(version.digest).flatMap { try? UTF8Text.string(of: $0) }
  }

  /// The article that has, or had, a version of these bytes (ruling 27).
  ///
  /// Histories are read only where the bytes are known to this store at all.
  func article(withVersion version: TextVersion) throws -> RecordID? {
    let first = ArticleID(digest: version.digest).record
    if let state = try state(of: first), !state.creations.isEmpty { return first }
    guard try content(version.digest) != nil else { return nil }
    for (id, state) in try records(of: .article) {
      guard !state.siblings(of: ArticleField.text).isEmpty else { continue }
      if try versions(ofArticle: id).contains(version) { return id }
    }
    return nil
  }

  private func view(_ id: RecordID, _ state: RecordState, handle: String) throws -> ArticleView {
    let version = state.shownVersion(of: id)
    let text = try text(of: version)
    let file = try shownText(ArticleField.file, state)
    let creation = state.creation
    return ArticleView(
      id: id, handle: handle,
      title: try shownText(ArticleField.title, state) ?? file ?? text?.defaultTitle ?? "",
      file: file, source: try shownText(ArticleField.source, state),
      version: TextVersion(digest: version), codePoints: text?.codePointCount,
      analyst: try creation.map { try analyst(of: $0) } ?? "", time: creation?.time ?? 0,
      isDeleted: state.isDeleted, conflicts: state.conflictNames(.article), clock: state.clock)
  }
}

extension RecordID {
  /// The id's lowercase hexadecimal digits, without its kind.
  package var hexText: String { MergeCore.hexText(bytes) }
}

extension RecordState {
  /// The creation that names the creator: of several made apart, the first by claimed time.
  var creation: Sibling? {
    creations.min { ($0.time, $0.identity) < ($1.time, $1.identity) }
  }
}
