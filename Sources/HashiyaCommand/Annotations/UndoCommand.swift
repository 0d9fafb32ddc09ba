import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `undo`: takes the last change back by a new one.
struct UndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Take back your last change, by a new change.",
    discussion: """
      History is only ever added to: what was undone stays readable in `log`. Typed
      again it takes back the change before. Undoing a decision writes the values
      that it had closed again, in your name, so that the conflict is open as before.
      A label that your change made in passing stays in the codebook.

      Examples:
        hashiya undo
      """)

  @OptionGroup var options: StoreOptions
}

extension UndoCommand {
  func run() async throws {
    let console = options.console
    let (made, handles, lines) = try options.open().author { editor in
      let made = try editor.undo()
      let references = References(reader: editor.reader)
      return (
        made, try made.map { try editor.reader.handle(of: $0.record) },
        try made.map { try references.summary($0.record) }
      )
    }
    if console.isJSON {
      let elements = zip(made, handles).map { RecordJSON.made($0, handle: $1) }
      return try console.print(jsonArray: elements)
    }
    try console.print(lines)
    console.note(
      made.isEmpty
        ? "it is so already: a label that is in use stays; hashiya undo goes on to the change before"
        : "undone, by a new change")
  }
}
