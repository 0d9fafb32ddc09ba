import AnnotationModel
package import MergeCore
import SyncProtocol

extension WorkspaceEditor {
  /// Adds an article, or finds the one that has these bytes as any of its versions (ruling 27).
  ///
  /// Without a title it gets its first line, or its file's name. An article that is there is a no-op
  /// unless a title or source is given that it does not have.
  ///
  /// - Parameter mayBeDeleted: whether one that is there and removed is a no-op too.
  package mutating func addArticle(
    bytes: [UInt8], title: String?, source: String?, file: String?, mayBeDeleted: Bool = false
  ) throws -> Made {
    let text = try AuthoringRefusal.text(of: bytes)
    let name = try file.map { try Self.fileName($0) }
    let title = try title.map { try AuthoringRefusal.accept($0, as: .title) }
    let source = try source.map { try AuthoringRefusal.accept($0, as: .source) }
    if let known = try reader.article(withVersion: TextVersion(hashing: bytes)) {
      return try find(known, title: title, source: source, mayBeDeleted: mayBeDeleted)
    }
    let record = ArticleID(firstVersion: bytes).record
    var draft = RecordDraft(record, RecordState(), try coverage(nil, of: record), against: nil)
    let fallback = try? AuthoringRefusal.accept(text.defaultTitle ?? "", as: .title)
    if let title = title ?? fallback ?? name { try draft.write(ArticleField.title, title) }
    if let source { try draft.write(ArticleField.source, source) }
    if let name { try draft.write(ArticleField.file, name) }
    return try make(
      [DraftOperation(record, .create(bytes))] + draft.operations, on: record)
  }

  /// Changes an article's text to another version, or what is said of it.
  package mutating func editArticle(
    _ id: RecordID, text: [UInt8]?, title: String?, source: String?,
    against: VectorClock? = nil
  ) throws -> Made {
    guard id.kind == .article else { throw AuthoringRefusal.noSuchField(id, name: "text") }
    var draft = try draft(id, against: against)
    if let text {
      _ = try AuthoringRefusal.text(of: text)
      try draft.write(
        ArticleField.text, text, implied: draft.state.createdValue ?? RecordDraft.nothing)
    }
    if let title {
      try draft.write(ArticleField.title, AuthoringRefusal.accept(title, as: .title))
    }
    if let source {
      try draft.write(ArticleField.source, AuthoringRefusal.accept(source, as: .source))
    }
    return try make(draft.operations, on: id)
  }

  /// Gives an article another version of its text, unless it has or had it; where it is to be `current`,
  /// unless it shows it.
  package mutating func reviseArticle(
    _ id: RecordID, text: [UInt8], isCurrent: Bool
  ) throws -> Made {
    guard id.kind == .article else { throw AuthoringRefusal.noSuchField(id, name: "text") }
    let version = TextVersion(hashing: text)
    let shown = try existing(id).shownVersion(of: id)
    if version.digest == shown { return Made(record: id, dot: nil) }
    if !isCurrent, try reader.versions(ofArticle: id).contains(version) {
      return Made(record: id, dot: nil)
    }
    return try editArticle(id, text: text, title: nil, source: nil)
  }

  private func find(
    _ known: RecordID, title: [UInt8]?, source: [UInt8]?, mayBeDeleted: Bool
  ) throws -> Made {
    let state = try existing(known)
    guard mayBeDeleted || !state.isDeleted else { throw AuthoringRefusal.knownAndDeleted(known) }
    for (field, given) in [(ArticleField.title, title), (ArticleField.source, source)] {
      guard let given else { continue }
      let value = DomainHash.plain(given)
      guard state.siblings(of: field).contains(where: { $0.content?.value == value }) else {
        throw AuthoringRefusal.existsDifferently(known)
      }
    }
    return Made(record: known, dot: nil)
  }

  private static func fileName(_ path: String) throws -> [UInt8] {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) }
    return try AuthoringRefusal.accept((name ?? path) ?? path, as: .fileName)
  }
}
