import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// The kinds that `list` knows.
enum KindArgument: String, CaseIterable, ExpressibleByArgument {
  case annotation, article, relation, reply, label
}

/// `list`: the records that match.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List annotations, or records of another kind.",
    discussion: """
      All conditions must hold. Analysts are those who made the records. Annotations
      are listed with the replies to them.

      Examples:
        hashiya list --article 001
        hashiya list --label claim --analyst omar
        hashiya list --conflicted
        hashiya list --kind reply --json | jq -r '.[].note'
      """)

  @Option(help: "annotation, article, relation, reply or label.")
  var kind: KindArgument = .annotation

  @Option(parsing: .unconditional, help: "Only in this article.")
  var article: String?

  @Option(parsing: .unconditional, help: "Only with this label.")
  var label: String?

  @Option(parsing: .unconditional, help: "Only with this tag.")
  var tag: String?

  @Option(parsing: .unconditional, help: "Only by this analyst.")
  var analyst: String?

  @Flag(help: "Only with a field in conflict.")
  var conflicted = false

  @Flag(help: "Only deleted ones.")
  var deleted = false

  @OptionGroup var options: StoreOptions
}

extension KindArgument {
  /// The kind of record.
  var kind: RecordKind {
    switch self {
    case .annotation: .annotation
    case .article: .article
    case .relation: .relation
    case .reply: .reply
    case .label: .label
    }
  }
}

extension ListCommand {
  func run() async throws {
    let console = options.console
    let (items, places, hanging) = try options.open().query {
      reader -> ([ItemView], [RecordID: String], [RecordID: [StyledText]]) in
      let references = References(reader: reader)
      let filter = ItemFilter(
        kind: kind.kind, article: try article.map { try references.record($0, [.article]) },
        label: try label.map { try references.record($0, [.label]) }, tag: tag,
        analyst: try analyst.map(references.analyst), conflictedOnly: conflicted,
        lifecycle: deleted ? .deleted : .live)
      let items = try reader.items(filter)
      guard !console.isJSON else { return (items, [:], [:]) }
      return (
        items, try Self.names(ofArticlesOf: items, reader), try Self.hanging(items, references)
      )
    }
    if console.isJSON {
      return try console.print(jsonArray: items.lazy.map { RecordJSON.item($0) })
    }
    var lines: [StyledText] = []
    var current: RecordID?
    for item in Self.inReadingOrder(items, places) {
      if let id = item.article, id != current {
        if !lines.isEmpty { lines.append("") }
        lines.append("\(places[id] ?? "", .dim)")
        current = id
      }
      lines += ItemText.listed(item) + (hanging[item.id] ?? [])
    }
    try console.print(lines)
    if items.isEmpty { console.note("nothing matches") }
  }

  /// What stands below each item: the ends of a relation, the replies to an annotation, and what a reply
  /// answers.
  private static func hanging(
    _ items: [ItemView], _ references: References
  ) throws -> [RecordID: [StyledText]] {
    let threads = try ReplyThreads(references.reader)
    var lines: [RecordID: [StyledText]] = [:]
    for item in items {
      if let parent = item.parent {
        lines[item.id] = [
          StyledText(verbatim: "    answers  ", .dim) + (try references.summary(parent))
        ]
      } else {
        lines[item.id] = try references.ends(of: item) + threads.lines(under: item.id)
      }
    }
    return lines
  }

  /// By article, and in each by place in the text; what has no place comes last, by time.
  private static func inReadingOrder(
    _ items: [ItemView], _ places: [RecordID: String]
  ) -> [ItemView] {
    func key(_ item: ItemView) -> ([UInt8], [UInt8], Int) {
      let place = item.article.flatMap { places[$0] } ?? ""
      return (Array(place.utf8), item.article?.bytes ?? [], item.spans.first?.start ?? .max)
    }
    let keyed = items.enumerated().map { (key: key($1), index: $0, item: $1) }
    return keyed.sorted { left, right in
      if left.key.0 != right.key.0 {
        return left.key.0.lexicographicallyPrecedes(right.key.0)
      }
      if left.key.1 != right.key.1 {
        return left.key.1.lexicographicallyPrecedes(right.key.1)
      }
      return (left.key.2, left.index) < (right.key.2, right.index)
    }.map(\.item)
  }

  private static func names(
    ofArticlesOf items: [ItemView], _ reader: WorkspaceReader
  ) throws -> [RecordID: String] {
    var names: [RecordID: String] = [:]
    for item in items {
      guard let id = item.article, names[id] == nil else { continue }
      names[id] = try References(reader: reader).name(ofArticle: id)
    }
    return names
  }
}
