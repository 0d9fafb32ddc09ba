import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `show`: one record with all that hangs on it.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a record with its replies and relations.",
    discussion: """
      Replies stand below what they answer; of a reply it is told what it answers.

      Examples:
        hashiya show @
        hashiya show 7c1e
        hashiya show 7c1e --json | jq -c .clock       what --against takes back
      """)

  @Argument(help: "The record: a handle, an id, an article's name, or @.")
  var ref: String

  @OptionGroup var options: StoreOptions
}

extension ShowCommand {
  func run() async throws {
    let console = options.console
    let shown = try options.open().query { reader -> Shown in
      let references = References(reader: reader)
      let id = try references.record(ref)
      return try Shown(id, references)
    }
    if console.isJSON { try console.print(shown.json) } else { try console.print(shown.lines) }
  }
}

/// A record with what hangs on it.
private struct Shown {
  let json: JSONValue
  let lines: [StyledText]

  init(_ id: RecordID, _ references: References) throws {
    let reader = references.reader
    if let article = try reader.article(id) {
      json = RecordJSON.article(article).adding([("kind", "article")])
      lines = [
        "\(article.file ?? "", .strong)  \(counted(article.codePoints ?? 0, "code point"))",
        PassageText.indentation + "\(article.title)",
        StyledText(verbatim: "    hashiya article show shows the text", .dim),
      ]
      return
    }
    guard let item = try reader.item(id) else {
      throw CommandFailure(.noInput, "the record is in no state that can be shown")
    }
    let hanging = try reader.itemsHanging(on: id)
    let threads = try ReplyThreads(reader)
    let relations = hanging.filter { $0.kind == .relation }
    json = RecordJSON.item(item).adding([
      ("replies", threads.json(under: id)),
      ("relations", .array(relations.map(RecordJSON.item))),
    ])
    var lines = try EditReport.lines(id, references)
    lines += try references.ends(of: item)
    if let parent = item.parent {
      lines.append(
        StyledText(verbatim: "    answers  ", .dim) + (try references.summary(parent)))
    }
    lines.append("    \(item.analyst)  \(TimeText.short(item.time), .dim)")
    lines += threads.lines(under: id)
    for relation in relations { lines.append(try Self.line(relation, id, references)) }
    self.lines = lines
  }

  /// `→ supports  90ab  …` or `← …`, seen from the record that is shown.
  private static func line(
    _ item: ItemView, _ id: RecordID, _ references: References
  ) throws -> StyledText {
    guard let ends = item.ends else { return ItemText.summary(item) }
    let isOutgoing = ends.from == id
    let other = try references.summary(isOutgoing ? ends.to : ends.from)
    return (isOutgoing ? "  → " : "  ← ") + "\(item.handle, .strong)  \(item.name ?? "")  " + other
  }
}
