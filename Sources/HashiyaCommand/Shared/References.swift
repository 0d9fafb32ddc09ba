import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Names that people type, turned into records; what cannot be is explained with its candidates.
struct References {
  let reader: WorkspaceReader

  /// The kinds that annotations' commands take.
  static let glosses: [RecordKind] = [.annotation, .relation, .reply]
  /// The kinds that commands about any record take.
  static let all: [RecordKind] = [.annotation, .relation, .reply, .article, .label]

  /// The record that `text` means, of one of these kinds; where it means none, `reply:7c1e` is what
  /// the rest means among replies.
  func record(_ text: String, _ kinds: [RecordKind] = References.all) throws -> RecordID {
    let text = BidiControl.trimmed(text)
    do {
      return try reader.resolveReference(text, kinds: kinds)
    } catch ReferenceError.unknown {
      guard let (kind, rest) = Self.qualified(text), kinds.contains(kind) else {
        throw try failure(.unknown(text), kinds)
      }
      return try record(rest, [kind])
    } catch let error as ReferenceError {
      throw try failure(error, kinds)
    }
  }

  /// A label that was merged into another, which its name would mean: by its handle or id, or else by
  /// the name that it has itself.
  func mergedLabel(_ text: String) throws -> RecordID {
    let typed = BidiControl.trimmed(text)
    let named = try reader.items(ItemFilter(kind: .label)).filter { label in
      label.mergedInto != nil && label.name.map { UTF8Text.identical($0, typed) } ?? false
    }
    guard named.count == 1, let label = named.first else { return try record(typed, [.label]) }
    return label.id
  }

  /// Refuses a label that is to be made in passing under what is the handle of another record: whoever
  /// typed it meant that one, or another label.
  func checkLabel(_ typed: String?) throws {
    guard let typed, let record = try reader.record(thatIsNoLabel: typed) else { return }
    throw CommandFailure(
      .noInput, "there is no label \(typed), but another record has that handle",
      details: [try summary(record)],
      remedy:
        "see hashiya label list; for a label of that name: hashiya label add \(operand: typed)")
  }

  /// A kind and what follows its colon.
  private static func qualified(_ text: String) -> (kind: RecordKind, rest: String)? {
    for kind in all {
      guard let name = AnnotationSchema.name(of: kind) else { continue }
      let prefix = Array(name.utf8) + [UInt8(ascii: ":")]
      guard text.utf8.starts(with: prefix) else { continue }
      return (kind, String(decoding: text.utf8.dropFirst(prefix.count), as: UTF8.self))
    }
    return nil
  }

  /// The article that `text` means.
  func article(_ text: String) throws -> ArticleView {
    let id = try record(text, [.article])
    guard let article = try reader.article(id) else {
      throw CommandFailure(.noInput, "there is no article \(text)")
    }
    return article
  }

  /// An analyst's name that somebody typed; one that nobody here has is refused with those that are.
  func analyst(_ typed: String) throws -> String {
    let names = reader.members().map(\.distinctName)
    guard names.contains(where: { reader.means(typed, $0) }) else {
      throw CommandFailure(
        .noInput, "there is no member \(typed)",
        remedy: "members are \(names.joined(separator: ", "))")
    }
    return typed
  }

  /// A field's name that somebody typed, of any kind of record, or of some.
  func field(_ typed: String, of kinds: [RecordKind] = References.all) throws -> String {
    var names: [String] = []
    for name in kinds.flatMap(AnnotationSchema.fieldNames) + [AnnotationSchema.lifecycleName]
    where !names.contains(where: { UTF8Text.identical($0, name) }) {
      names.append(name)
    }
    guard names.contains(where: { UTF8Text.identical($0, typed) }) else {
      throw CommandFailure(
        .noInput, "there is no field \(typed)",
        remedy: "fields are \(names.joined(separator: ", "))")
    }
    return typed
  }

  /// The text of an article's shown version.
  func text(of article: ArticleView) throws -> ArticleText {
    guard let text = try reader.articleText(version: article.version) else {
      throw CommandFailure(.badData, "the text of \(article.file ?? article.title) is withdrawn")
    }
    return text
  }

  /// An article's name for people: its file, or else its title.
  func name(ofArticle id: RecordID) throws -> String {
    guard let article = try reader.article(id) else { return try reader.handle(of: id) }
    return article.file ?? article.title
  }

  /// A record in one line: handle and what it is.
  func summary(_ id: RecordID) throws -> StyledText {
    "\(try reader.handle(of: id), .strong)  " + (try description(id))
  }

  /// What a record is, in one line that follows its handle.
  func description(_ id: RecordID) throws -> StyledText {
    if let article = try reader.article(id) {
      let mark = StyledText(verbatim: article.isDeleted ? "  removed" : "", .dim)
      let title = PassageText.short(article.title, columns: 40)
      return "\(article.file ?? "article")  \(title)" + mark
    }
    return try reader.item(id).map { ItemText.description($0) } ?? ""
  }

  /// What a relation links, a line each; none for any other record.
  func ends(of item: ItemView) throws -> [StyledText] {
    guard let ends = item.ends else { return [] }
    return [
      StyledText(verbatim: "    from  ", .dim) + (try summary(ends.from)),
      StyledText(verbatim: "    to    ", .dim) + (try summary(ends.to)),
    ]
  }

  private func failure(_ error: ReferenceError, _ kinds: [RecordKind]) throws -> CommandFailure {
    switch error {
    case .unknown(let text):
      let (what, command) =
        switch kinds {
        case [.article]: ("article", "hashiya article list")
        case [.label]: ("label", "hashiya label list")
        default: ("record", "hashiya list")
        }
      return CommandFailure(
        .noInput, "there is no \(what) \(text)", remedy: "see \(command)")
    case .ambiguous(let text, let candidates):
      let shown = try candidates.prefix(Self.candidatesListed).map(summary)
      let rest = candidates.count - shown.count
      return CommandFailure(
        .badData, "\(text) can mean \(candidates.count) records",
        details: shown + (rest > 0 ? ["and \(rest) more"] : []),
        remedy: candidates.allSatisfy { $0.kind == .label }
          ? "type the handle of the one that you mean, which stands first"
          : "type more of the one that you mean, or its handle, which stands first; of one id for two kinds, the kind before it, as in reply:7c1e"
      )
    }
  }

  private static let candidatesListed = 20
}
