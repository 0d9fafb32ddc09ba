import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `label add`: new labels.
struct LabelAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add labels.",
    discussion: """
      Two analysts who add the same name offline have one label.

      Examples:
        hashiya label add claim
        hashiya label add 'ادعاء' 'فاعل'
      """)

  @Argument(help: "The names.")
  var names: [String]

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if names.isEmpty { throw ValidationError("Name at least one label.") }
  }
}

extension LabelAddCommand {
  func run() async throws {
    let console = options.console
    let made = try options.open().author { editor in
      try names.map { name in
        let made = try editor.addLabel(name)
        return (made, try editor.reader.item(made.record)?.name ?? name)
      }
    }
    if console.isJSON {
      return try console.print(
        jsonArray: made.map { made, name in
          [
            "id": RecordJSON.id(made.record), "name": .string(name),
            "dot": RecordJSON.dot(made.dot),
          ]
        })
    }
    try console.print(
      made.map { made, name in
        "\(name, .accent)" + (made.dot == nil ? "  (was there already)" : "")
      })
  }
}
