import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import SyncServer

/// `bundle`: changes that came by mail.
struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Take in changes that came as a file.",
    discussion: """
      Examples:
        hashiya-server bundle apply omar.bundle
      """,
    subcommands: [BundleApplyCommand.self])
}

/// `bundle apply`: appends the pending batches of a bundle.
struct BundleApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Append the pending batches of a bundle.",
    discussion: """
      A log that lost leaves takes those of the bundle back first, byte for byte. Each
      batch is signed by its author, and is judged as if the author had pushed it.
      Applying a bundle again changes nothing. The server may be running meanwhile.

      Examples:
        hashiya-server bundle apply omar.bundle
        hashiya-server bundle apply - --workspace gloss < omar.bundle
      """)

  @Argument(help: "The bundle; - for standard input.", completion: .file())
  var file: String

  @OptionGroup var options: WorkspaceOptions

  mutating func run() throws {
    let workspace = try options.open()
    let bytes = try InputStream(opening: file).readAll(limit: ServerLimits.bundleBytesMax)
    let console = options.console
    let meter = ProgressMeter("applying", unit: "batches", console: console)
    defer { meter.finish() }
    let clock = try options.options.folder().clock
    let applied = try workspace.apply(
      bundle: bytes, time: { try clock.leafTime() }, progress: { meter.update($0, of: $1) })
    meter.finish()
    let membership = try WorkspaceStatus(of: workspace).membership
    if console.isJSON {
      try console.print(applied.json)
    } else {
      if applied.healed > 0 {
        try console.print(
          "brought back: \(counted(applied.healed, "leaf", "leaves")) that the log had lost")
      }
      try console.print(
        "\(counted(applied.appended, "batch", "batches")) appended, \(applied.known) known, \(applied.refused.count) refused; the log has \(counted(applied.treeSize, "leaf", "leaves"))"
      )
      for (replica, refusal) in applied.refused {
        let author = replica.map { membership.analyst(of: $0) } ?? "somebody"
        console.warn("a batch of \(author) is refused: \(refusal.detail)")
      }
    }
    guard applied.refused.isEmpty else { throw ExitCode(CommandExit.notPermitted.rawValue) }
  }
}

extension BundleApplication {
  fileprivate var json: JSONValue {
    [
      "healed": JSONValue(healed), "appended": JSONValue(appended), "known": JSONValue(known),
      "size": JSONValue(treeSize),
      "refused": .array(
        refused.map { replica, refusal in
          [
            "replica": JSONValue(replica?.hex), "code": .string(refusal.code.rawValue),
            "counter": JSONValue(refusal.counter?.rawValue), "detail": .string(refusal.detail),
          ]
        }),
    ]
  }
}
