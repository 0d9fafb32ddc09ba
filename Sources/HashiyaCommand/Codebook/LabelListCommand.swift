import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `label list`: the labels in use.
struct LabelListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the labels with how often each is used.",
    discussion: """
      Examples:
        hashiya label list
        hashiya label list --deleted
      """)

  @Flag(help: "List retired labels too.")
  var deleted = false

  @OptionGroup var options: StoreOptions
}

extension LabelListCommand {
  func run() async throws {
    let console = options.console
    let (labels, uses, clashes) = try options.open().query { reader in
      let labels = try reader.items(
        ItemFilter(kind: .label, lifecycle: deleted ? .all : .live))
      return (labels, try reader.labelUses(), try reader.labelClashes())
    }
    let clashing = Set(clashes.flatMap(\.labels).map(\.id))
    if console.isJSON {
      return try console.print(
        jsonArray: labels.map { label in
          [
            "id": RecordJSON.id(label.id), "handle": .string(label.handle),
            "name": JSONValue(label.name), "deleted": .bool(label.isDeleted),
            "uses": .integer(uses[label.id] ?? 0), "merged_into": RecordJSON.id(label.mergedInto),
            "same_name": .bool(clashing.contains(label.id)),
          ]
        })
    }
    let names = Dictionary(
      labels.map { ($0.id, $0.name ?? "") }, uniquingKeysWith: { first, _ in first })
    var table = TextTable([.right, .left, .left])
    for label in labels {
      table.append([
        "\(uses[label.id] ?? 0)", "\(label.handle, .dim)",
        "\(label.name ?? "", .accent)" + Self.marks(label, clashing, names),
      ])
    }
    try console.print(table)
    for clash in clashes {
      console.warn(LabelClashText.sentence(clash) + ": " + LabelClashText.command(clash))
    }
    if labels.isEmpty { console.note("no labels yet: annotating makes them, or label add") }
  }

  private static func marks(
    _ label: ItemView, _ clashing: Set<RecordID>, _ names: [RecordID: String]
  ) -> StyledText {
    var marks: StyledText = ""
    if let target = label.mergedInto {
      marks += "  merged into \(names[target] ?? "a retired label")"
    }
    if label.isDeleted { marks += StyledText(verbatim: "  retired", .dim) }
    if clashing.contains(label.id) {
      marks += StyledText(verbatim: "  ! another has this name", .warning)
    }
    return marks + ItemText.conflictMark(label)
  }
}
