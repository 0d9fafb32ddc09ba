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
      again it takes back the change before. What your change had replaced stands again
      as its author's, with its time; the values that a decision had closed are open as
      before. A label that your change made in passing stays in the codebook.

      What you did about members, devices and invites is not undone but taken back by
      its own commands: where that came last, undo says so, and --edit goes on to the
      edit before it.

      Examples:
        hashiya undo
        hashiya undo --edit
      """)

  @Flag(
    name: .customLong("edit"),
    help: "Take back your last edit, whatever you did about members since.")
  var passesActs = false

  @OptionGroup var options: StoreOptions
}

extension UndoCommand {
  func run() async throws {
    let console = options.console
    let (undone, handle, lines) = try options.open().author { editor in
      let undone = try editor.undo(passingActs: passesActs)
      let handle = try undone.made.map { try editor.reader.handle(of: $0.record) }
      return (undone, handle, try UndoText(undone, References(reader: editor.reader)).lines)
    }
    guard console.isJSON else {
      if undone.made == nil { console.note(lines) } else { try console.print(lines) }
      return
    }
    let edit = undone.made.map { made -> JSONValue in
      [
        "id": RecordJSON.id(made.record), "handle": JSONValue(handle),
        "dot": RecordJSON.dot(made.dot), "undoes": RecordJSON.dot(undone.dot),
      ]
    }
    try console.print(jsonArray: edit.map { [$0] } ?? [])
  }
}
