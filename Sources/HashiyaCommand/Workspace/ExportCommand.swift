import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// The formats of `export`.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case jsonl, csv, batch
}

/// `export`: everything that lives, for other programs.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all annotations for other programs, or everything for another store.",
    discussion: """
      jsonl is one object a line, of the shape that `list --json` has; csv is for
      spreadsheets and begins with a byte order mark, without which they garble
      Arabic. batch is everything, as `hashiya batch` takes it back: articles with
      their texts, labels, annotations, replies, relations, and what was deleted, each
      under its own id, with the values that are shown. Who wrote what, and when, is
      then whoever applies it.

      Examples:
        hashiya export > annotations.jsonl
        hashiya export --format csv > annotations.csv
        hashiya export --format batch | hashiya batch - --store ../other
      """)

  @Option(help: "jsonl, csv or batch.")
  var format: ExportFormat = .jsonl

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if format != .jsonl, options.output.json {
      throw ValidationError("--format \(format.rawValue) and --json exclude each other.")
    }
  }
}

extension ExportCommand {
  func run() async throws {
    let console = options.console
    guard format != .batch else {
      return try options.open().query { reader in
        try BatchExport.forEachLine(reader) { try console.writeResult(($0.text + "\n").utf8) }
      }
    }
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
    case .batch: break
    case .jsonl:
      for item in items { try console.writeResult((RecordJSON.item(item).text + "\n").utf8) }
    case .csv:
      // A terminal would show the mark as nothing, and count it as a column.
      try console.writeResult(console.output.isTerminal ? [] : CSV.byteOrderMark)
      try console.writeResult(CSV.record(Self.columns))
      for item in items {
        let file = item.article.flatMap { files[$0] } ?? ""
        try console.writeForeign(CSV.record(Self.row(item, file: file)))
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
