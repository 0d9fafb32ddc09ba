import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `sync bundle create`: writes a bundle.
struct BundleCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Write a bundle.",
    discussion: """
      Examples:
        hashiya sync bundle create omar.bundle
        hashiya sync bundle create omar.bundle --since 40   for one who has 40 leaves
      """)

  @Argument(help: "The file to make; an existing one is not overwritten.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("Leave out the first N leaves of the log.", valueName: "n"))
  var since: UInt64 = 0

  @OptionGroup var options: StoreOptions
}

extension BundleCreateCommand {
  func run() async throws {
    let console = options.console
    let meter = ProgressMeter("bundling", unit: "leaves", console: console)
    defer { meter.finish() }
    let bytes = try options.open().makeBundle(since: since) { meter.update($0, of: $1) }
    meter.finish()
    try NewFile.write(bytes, to: file)
    if console.isJSON {
      return try console.print(
        ["file": .string(file), "bytes": .integer(bytes.count)] as JSONValue)
    }
    try console.print("\(file, .strong)  \(counted(bytes.count, "byte"))")
    console.note("whoever gets it types: hashiya sync bundle apply \(operand: file)")
  }
}
