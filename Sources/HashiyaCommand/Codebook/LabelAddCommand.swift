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
    let made = try options.open().author { editor in try names.map { try editor.addLabel($0) } }
    if console.isJSON {
      return try console.print(
        jsonArray: zip(made, names).map { made, name in
          [
            "id": RecordJSON.id(made.record), "name": .string(name),
            "dot": RecordJSON.dot(made.dot),
          ]
        })
    }
    try console.print(
      zip(made, names).map { made, name in
        "\(name, .accent)" + (made.dot == nil ? "  (was there already)" : "")
      })
  }
}
