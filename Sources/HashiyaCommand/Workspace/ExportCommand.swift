import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// The formats of `export`.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case jsonl, csv
}

/// `export`: everything that lives, for other programs.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all annotations for other programs.",
    discussion: """
      jsonl is one object a line, of the shape that `list --json` has; csv is for
      spreadsheets and begins with a byte order mark, without which they garble
      Arabic.

      Examples:
        hashiya export > annotations.jsonl
        hashiya export --format csv > annotations.csv
      """)

  @Option(help: "jsonl or csv.")
  var format: ExportFormat = .jsonl

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if format == .csv, options.output.json {
      throw ValidationError("--format csv and --json exclude each other.")
    }
  }
}

extension ExportCommand {
  func run() async throws {
    let console = options.console
    let (items, files) = try options.open().query { reader in
      let articles = try reader.articles().map { ($0.id, $0.file ?? $0.title) }
      return (
        try reader.items(ItemFilter()),
        Dictionary(articles, uniquingKeysWith: { first, _ in first })
      )
    }
    if console.isJSON {
      return try console.print(jsonArray: items.lazy.map { RecordJSON.item($0) })
    }
    switch format {
    case .jsonl:
      for item in items { try console.writeResult((RecordJSON.item(item).text + "\n").utf8) }
    case .csv:
      try console.writeResult(CSV.byteOrderMark + CSV.record(Self.columns))
      for item in items {
        let file = item.article.flatMap { files[$0] } ?? ""
        try console.writeResult(CSV.record(Self.row(item, file: file)))
      }
    }
  }

  private static let columns = [
    "id", "handle", "article", "file", "spans", "quote", "label", "note", "tags", "confidence",
    "analyst", "conflicts", "time",
  ]

  private static func row(_ item: ItemView, file: String) -> [String] {
    [
      hexText(item.id.bytes), item.handle, item.article.map { hexText($0.bytes) } ?? "", file,
      item.spans.map(\.text).joined(separator: " "), item.quote ?? "", item.label ?? "",
      item.note ?? "", item.tags.joined(separator: ", "), item.confidence?.text ?? "",
      item.analyst, item.conflicts.joined(separator: " "), TimeText.json(item.time),
    ]
  }
}
