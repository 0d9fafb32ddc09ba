import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `sync bundle apply`: takes a bundle in.
struct BundleApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Take a bundle in.",
    discussion: """
      Examples:
        hashiya sync bundle apply omar.bundle
      """)

  @Argument(help: "The bundle.", completion: .file())
  var file: String

  @OptionGroup var options: StoreOptions
}

extension BundleApplyCommand {
  /// The bytes of a bundle that are read; a log is larger only on servers.
  private static let bytesMax = 1 << 30

  func run() async throws {
    let console = options.console
    let bytes = try InputStream(opening: file).readAll(limit: Self.bytesMax)
    let workspace = try options.open(evenJoining: true)
    let meter = ProgressMeter("applying", unit: "leaves", console: console)
    defer { meter.finish() }
    let outcome = try apply(bytes, to: workspace, meter)
    meter.finish()
    if console.isJSON {
      return try console.print(
        [
          "leaves": .integer(outcome.ingest.leaves),
          "pulled_changes": .integer(outcome.ingest.pulledChanges),
          "mail_batches": .integer(outcome.mail),
        ] as JSONValue)
    }
    try console.print([
      "\(counted(outcome.ingest.leaves, "leaf", "leaves")) of the log taken in",
      "\(counted(outcome.mail, "batch", "batches")) to carry to the server with the next sync",
    ])
  }

  private func apply(
    _ bytes: [UInt8], to workspace: Workspace, _ meter: ProgressMeter
  ) throws -> BundleOutcome {
    do {
      return try workspace.apply(bundle: bytes) { meter.update($0, of: $1) }
    } catch let refusal as BundleRefusal {
      throw BundleFailures.failure(refusal, file: file)
    } catch let failure as IngestFailure {
      throw BundleFailures.failure(failure, file: file)
    }
  }
}
