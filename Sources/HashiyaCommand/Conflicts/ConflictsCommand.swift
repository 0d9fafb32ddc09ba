import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// What `conflicts` and a bare `resolve` narrow down to.
struct ConflictFilter: ParsableArguments {
  @Option(parsing: .unconditional, help: "Only in this article.")
  var article: String?

  @Option(parsing: .unconditional, help: "Only where this analyst wrote a sibling.")
  var analyst: String?

  @Option(
    name: .customLong("field"),
    help: "Only this field: label, note, target, confidence, lifecycle …")
  var onlyField: String?

  /// Whether nothing is narrowed.
  var isEmpty: Bool { article == nil && analyst == nil && onlyField == nil }
}

/// `conflicts`: the fields that hold different values.
struct ConflictsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "List fields for which there are several values.",
    discussion: """
      Nobody's value was lost: each sibling is listed with its author, the one shown
      first is marked, and the command to decide follows. Labels of one name come last.

      Examples:
        hashiya conflicts
        hashiya conflicts --field label --article 001
        hashiya conflicts --json | jq -r '.[] | [.id, .field] | @tsv'
      """)

  @OptionGroup var filter: ConflictFilter
  @OptionGroup var options: StoreOptions
}

extension ConflictFilter {
  /// The labels of one name that are meant: those that this analyst named, and none in an article.
  func labelClashes(_ reader: WorkspaceReader) throws -> [LabelClash] {
    guard article == nil, onlyField.map({ UTF8Text.identical($0, "name") }) ?? true else {
      return []
    }
    let clashes = try reader.labelClashes()
    guard let analyst = try analyst.map(References(reader: reader).analyst) else { return clashes }
    return clashes.filter { $0.labels.contains { reader.means(analyst, $0.analyst) } }
  }

  /// The conflicts that are meant.
  func conflicts(_ reader: WorkspaceReader) throws -> [ConflictView] {
    let references = References(reader: reader)
    let article = try article.map { try references.record($0, [.article]) }
    let analyst = try analyst.map(references.analyst)
    let onlyField = try onlyField.map { try references.field($0) }
    return try reader.conflicts().filter { conflict in
      if let onlyField, !UTF8Text.identical(conflict.fieldName, onlyField) { return false }
      if let analyst,
        !conflict.siblings.contains(where: { reader.means(analyst, $0.analyst) })
      {
        return false
      }
      guard let article else { return true }
      return try conflict.record == article || reader.item(conflict.record)?.article == article
    }
  }
}

extension ConflictsCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let (conflicts, json, lines) = try workspace.query { reader in
      let conflicts = try filter.conflicts(reader)
      let clashes = try filter.labelClashes(reader)
      let uses = clashes.isEmpty ? [:] : try reader.labelUses()
      let count = { (label: ClashingLabel) in uses[label.id] ?? 0 }
      guard !console.isJSON else {
        let json = try conflicts.map {
          RecordJSON.conflict($0, handle: try reader.handle(of: $0.record))
        }
        return (
          conflicts, json + clashes.map { LabelClashText.json($0, uses: count) }, [StyledText]()
        )
      }
      let text = ConflictText(references: References(reader: reader))
      let blocks =
        try conflicts.map { try text.lines($0) }
        + clashes.map { LabelClashText.lines($0, uses: count) }
      return (conflicts, [], Array(blocks.joined(separator: [""])))
    }
    defer { workspace.note(listed: conflicts, console) }
    if console.isJSON { return try console.print(jsonArray: json) }
    try console.print(lines)
    console.note(
      lines.isEmpty
        ? "no conflicts" : "hashiya why REF FIELD explains; hashiya resolve walks through all")
  }
}
