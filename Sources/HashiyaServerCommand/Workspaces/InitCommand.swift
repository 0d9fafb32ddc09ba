import ArgumentParser
import CommandLineKit
import SyncServer

/// `init`: a fresh data folder.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a data folder.",
    discussion: """
      The origin is the name that all logs of this server begin with: yours for ever, such as a
      domain and a path without a scheme. The address is what codes tell analysts to connect to.

      Where this machine signed logs of that origin, their folder is looked for first: an empty one in
      its place would send the members away. A folder that only lost its server.json gets it again.

      Examples:
        hashiya-server init --origin example.org/gloss --url https://example.org
        hashiya-server init --origin localhost/try --url http://127.0.0.1:7420
      """)

  @Option(
    help: ArgumentHelp("The name that the logs of this server begin with.", valueName: "name"))
  var origin: String

  @Option(help: ArgumentHelp("The address that analysts connect to.", valueName: "url"))
  var url: String

  @Flag(help: "Make it although this machine signed logs of that origin.")
  var another = false

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try ServerFolder.create(
      at: options.path(), origin: origin, url: url, state: options.statePath,
      isAnother: another)
    let console = options.console
    if console.isJSON {
      return try console.print(["origin": .string(folder.origin)] as JSONValue)
    }
    try console.print("\(folder.origin) is ready in \(folder.path)")
    console.note("next: hashiya-server workspace create NAME \(options.again(folder.path))")
  }
}
