import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `why`: how a record came to show what it shows.
struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Explain who wrote what, what each had received, and which rule chose.",
    discussion: """
      The record's changes are merged again from the log, so what is told is what
      happened.

      Examples:
        hashiya why 7c1e
        hashiya why 7c1e label
        hashiya why @ --json
      """)

  @Argument(help: "The record: a handle, an id, an article's name, or @.")
  var ref: String

  @Argument(help: "One field: label, note, tags, target, confidence, lifecycle …")
  var field: String?

  @OptionGroup var options: StoreOptions
}

extension WhyCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let (conflicts, json, lines) = try workspace.query { reader in
      let references = References(reader: reader)
      let id = try references.record(ref)
      let fields = try reader.why(id).filter {
        field == nil || UTF8Text.identical($0.fieldName, field ?? "")
      }
      if fields.isEmpty, let field {
        let name = try references.field(field, of: [id.kind])
        let handle = try reader.handle(of: id)
        throw CommandFailure(
          .noInput,
          UTF8Text.identical(name, AnnotationSchema.lifecycleName)
            ? "there is nothing to explain: nobody has deleted \(handle)"
            : "there is nothing to explain: nobody has written the \(name) of \(handle)")
      }
      let text = try WhyText(id, references)
      let conflicts = try reader.conflicts(of: id).filter { conflict in
        fields.contains { $0.field == conflict.field }
      }
      return (conflicts, text.json(fields), try text.lines(fields))
    }
    defer { workspace.note(listed: conflicts, console) }
    if console.isJSON { try console.print(json) } else { try console.print(lines) }
  }
}
