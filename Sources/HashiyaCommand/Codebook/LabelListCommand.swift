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
    let (labels, uses) = try options.open().query { reader in
      let labels = try reader.items(
        ItemFilter(kind: .label, lifecycle: deleted ? .all : .live))
      let used = try reader.items(ItemFilter()).compactMap { $0.labelID }
      return (labels, Dictionary(used.map { ($0, 1) }, uniquingKeysWith: +))
    }
    if console.isJSON {
      return try console.print(
        jsonArray: labels.map { label in
          [
            "id": RecordJSON.id(label.id), "name": JSONValue(label.name),
            "deleted": .bool(label.isDeleted), "uses": .integer(uses[label.id] ?? 0),
          ]
        })
    }
    var table = TextTable([.right, .left])
    for label in labels {
      table.append([
        "\(uses[label.id] ?? 0)",
        "\(label.name ?? "", .accent)"
          + (label.isDeleted ? StyledText(verbatim: "  retired", .dim) : ""),
      ])
    }
    try console.print(table)
    if labels.isEmpty { console.note("no labels yet: annotating makes them, or label add") }
  }
}
