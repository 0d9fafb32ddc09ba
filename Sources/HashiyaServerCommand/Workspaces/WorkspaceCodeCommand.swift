import ArgumentParser
import CommandLineKit
import SyncProtocol
import SyncServer
import TransparencyLog

/// `workspace code`: the code of a slot that nobody has published into, once more.
struct WorkspaceCodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "code",
    abstract: "Print the code that publishes into an empty slot again.",
    discussion: """
      Examples:
        hashiya-server workspace code gloss
      """)

  @Argument(help: "The workspace's name.")
  var name: String

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try options.folder()
    let code = try folder.claimCode(of: name)
    let console = options.console
    if console.isJSON {
      return try console.print(["name": .string(name), "code": .string(code.text)] as JSONValue)
    }
    try console.print(StyledText(verbatim: code.text))
  }
}
