import ArgumentParser
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// `evidence export`: a file for a third person.
struct EvidenceExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a piece of evidence as a file that anybody can check.",
    discussion: """
      The file is JSON: the log's key, the notes that it signed, and the hashes or the
      leaf that show that they cannot be true.

      Examples:
        hashiya evidence export 1 fork.json
      """)

  @Argument(help: ArgumentHelp("Its number, as `evidence` lists it.", valueName: "id"))
  var id: Int64

  @Argument(help: "The file to make; an existing one is not overwritten.", completion: .file())
  var file: String

  @OptionGroup var options: StoreOptions
}

extension EvidenceExportCommand {
  func run() async throws {
    let console = options.console
    let bytes = try options.open(evenJoining: true).evidence(numbered: id).document.encoded
    try NewFile.write(bytes, to: file)
    if console.isJSON {
      return try console.print(
        ["file": .string(file), "bytes": .integer(bytes.count)] as JSONValue)
    }
    try console.print("\(file, .strong)  \(counted(bytes.count, "byte"))")
    console.note("whoever gets it types: hashiya evidence check \(operand: file)")
  }
}
