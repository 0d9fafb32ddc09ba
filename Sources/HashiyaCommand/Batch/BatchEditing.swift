import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Turns lines of a batch file into edits, within one transaction.
struct BatchEditing {
  private let namespace: String?
  private var texts: [RecordID: ArticleText] = [:]

  /// - Parameter namespace: what ids that are no UUIDs belong to; nil for the workspace.
  init(namespace: String?) { self.namespace = namespace }

  /// Makes the edit of a line.
  mutating func apply(_ line: BatchLine, to editor: inout WorkspaceEditor) throws -> Made {
    switch line {
    case .article(let id, let article): return try add(article, as: id, &editor)
    case .revise(let id, let text, let isCurrent):
      let article = try self.article(id, editor.reader)
      texts[article] = nil
      return try editor.reviseArticle(article, text: Array(text.utf8), isCurrent: isCurrent)
    case .label(_, let label):
      return try editor.addLabel(
        label.name, former: label.former, mayBeDeleted: label.isDeleted)
    case .annotate(let id, let annotation): return try annotate(id, annotation, &editor)
    case .edit(let id, let edit):
      let record = try self.record(id, editor.reader)
      let change = RecordEdit(
        label: edit.label, note: edit.note, confidence: edit.confidence, spans: edit.spans)
      return try editor.edit(record, change).made
    case .merge(let id, let into):
      return try editor.mergeLabelOnce(
        label(id, editor.reader), into: label(into, editor.reader))
    case .tag(let id, let tag, let isDeleted):
      let record = try record(id, editor.reader)
      if isDeleted, try editor.reader.state(of: record)?.isDeleted == true {
        return Made(record: record, dot: nil)
      }
      return try editor.edit(record, RecordEdit(addTags: [tag])).made
    case .untag(let id, let tag):
      return try editor.edit(record(id, editor.reader), RecordEdit(removeTags: [tag])).made
    case .delete(let id): return try editor.delete(record(id, editor.reader))
    case .restore(let id): return try editor.restore(record(id, editor.reader))
    case .reply(let id, let parent, let note, let isDeleted):
      let parent = try record(parent, editor.reader)
      let new = try editor.record(forScriptID: id, .reply, namespace: namespace)
      return try editor.reply(id: new, to: parent, text: note, mayBeDeleted: isDeleted)
    case .relate(let id, let from, let type, let to, let isDeleted):
      let (from, to) = (try record(from, editor.reader), try record(to, editor.reader))
      let new = try editor.record(forScriptID: id, .relation, namespace: namespace)
      return try editor.relate(
        id: new, from: from, type: type, to: to, mayBeDeleted: isDeleted)
    case .resolve(let id, let field, let value, let reason):
      return try resolve(record(id, editor.reader), field, value, reason, &editor)
    }
  }

  private func add(
    _ article: BatchArticle, as id: String, _ editor: inout WorkspaceEditor
  ) throws -> Made {
    let named = try editor.reader.record(scriptID: id, kind: .article, namespace: namespace)
    let made = try editor.addArticle(
      bytes: Array(article.text.utf8), title: article.title, source: article.source,
      file: article.file, mayBeDeleted: article.isDeleted)
    if let named, named != made.record { throw AuthoringRefusal.existsDifferently(named) }
    try editor.remember(id, as: made.record, namespace: namespace)
    return made
  }

  private mutating func annotate(
    _ id: String, _ annotation: BatchAnnotation, _ editor: inout WorkspaceEditor
  ) throws -> Made {
    let article = try self.article(annotation.article, editor.reader)
    let version = try annotation.version.map(Self.version)
    let text = try self.text(of: article, version, editor.reader)
    let spans = try spans(annotation.spans, annotation.quote, in: text, annotation.article)
    let new = try editor.record(forScriptID: id, .annotation, namespace: namespace)
    return try editor.annotate(
      id: new, article: article, spans: spans, version: version, label: annotation.label,
      note: annotation.note, tags: annotation.tags, confidence: annotation.confidence,
      mayBeDeleted: annotation.isDeleted
    ).made
  }

  private static func version(_ text: String) throws -> TextVersion {
    guard let digest = Digest256(hex: text) else {
      throw CommandFailure(.badData, "has a wrong version: \(text) is no SHA-256")
    }
    return TextVersion(digest: digest)
  }

  /// The passages of a line: its spans, or where its quote is; both must agree where there are both.
  private func spans(
    _ spans: [Span]?, _ quote: String?, in text: ArticleText, _ article: String
  ) throws -> [Span] {
    guard let spans else {
      do {
        return [try text.locate(quote: quote ?? "")]
      } catch {
        throw QuoteFailures.failure(error, article: article)
      }
    }
    for span in spans { try span.check(against: text) }
    let words = spans.map { text.string(in: $0) }.joined(separator: Target.ellipsis)
    if let quote, !UTF8Text.identical(quote, words) {
      throw CommandFailure(.badData, "the quote is not what the spans cover: \(words)")
    }
    return spans
  }

  private mutating func resolve(
    _ record: RecordID, _ name: String, _ value: BatchValue, _ reason: String,
    _ editor: inout WorkspaceEditor
  ) throws -> Made {
    let isLifecycle = UTF8Text.identical(name, AnnotationSchema.lifecycleName)
    let field = AnnotationSchema.field(named: name, in: record.kind)
    guard isLifecycle || field != nil else {
      throw AuthoringRefusal.noSuchField(record, name: name)
    }
    return try editor.resolve(
      record, field, with: choice(value, for: record, editor.reader), reason: reason)
  }

  private mutating func choice(
    _ value: BatchValue, for record: RecordID, _ reader: WorkspaceReader
  ) throws -> ResolutionChoice {
    switch value {
    case .text(let text): .text(text)
    case .confidence(let confidence): .confidence(confidence)
    case .lifecycle(let isLive): isLive ? .live : .deleted
    case .target(let name, let spans, let quote):
      try target(name, spans, quote, for: record, reader)
    }
  }

  /// Spans in an article, or else in the one that the record is in; a quote must agree with them.
  private mutating func target(
    _ name: String?, _ spans: [Span], _ quote: String?, for record: RecordID,
    _ reader: WorkspaceReader
  ) throws -> ResolutionChoice {
    let article = try name.map { try self.article($0, reader) }
    if let quote, let place = try article ?? reader.item(record)?.article {
      let text = try text(of: place, reader)
      _ = try self.spans(spans, quote, in: text, name ?? "the article")
    }
    return .spans(spans, article: article)
  }
}

// MARK: - References

extension BatchEditing {
  /// The record that a line is about: what the id maps to, whoever made it, or a reference that people
  /// type.
  private func record(_ id: String, _ reader: WorkspaceReader) throws -> RecordID {
    for kind in References.glosses {
      guard let record = try reader.record(scriptID: id, kind: kind, namespace: namespace),
        let state = try reader.state(of: record), !state.creations.isEmpty
      else { continue }
      return record
    }
    return try References(reader: reader).record(id)
  }

  private func label(_ text: String, _ reader: WorkspaceReader) throws -> RecordID {
    try References(reader: reader).record(text, [.label])
  }

  private func article(_ text: String, _ reader: WorkspaceReader) throws -> RecordID {
    let isName = (try? ExternalID(text)) != nil
    if isName,
      let named = try reader.record(scriptID: text, kind: .article, namespace: namespace)
    {
      return named
    }
    return try References(reader: reader).record(text, [.article])
  }

  /// An article's text in the version that is meant.
  private mutating func text(
    of article: RecordID, _ version: TextVersion?, _ reader: WorkspaceReader
  ) throws -> ArticleText {
    guard let version, try reader.article(article)?.version != version else {
      return try text(of: article, reader)
    }
    guard let text = try reader.articleText(version: version) else {
      throw AuthoringRefusal.noSuchVersion(article, version)
    }
    return text
  }

  /// An article's text, decoded once a transaction.
  private mutating func text(
    of article: RecordID, _ reader: WorkspaceReader
  ) throws -> ArticleText {
    if let text = texts[article] { return text }
    guard let text = try reader.articleText(article) else {
      throw AuthoringRefusal.contentMissing(article)
    }
    texts[article] = text
    return text
  }
}
