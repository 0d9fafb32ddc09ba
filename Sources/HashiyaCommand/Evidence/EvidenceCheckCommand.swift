import ArgumentParser
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// `evidence check`: whether a file that was handed over proves what it says; needs no store.
struct EvidenceCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check evidence that somebody handed over.",
    discussion: """
      Verifies signatures and hashes, and believes nothing else in the file. Compare the
      key with the one of your own log, or give it. That a leaf is false as well as
      signed sees whoever replays it on the leaves before. Exits 1 when nothing is proved.

      Examples:
        hashiya evidence check fork.json
        hashiya evidence check fork.json --key "$VKEY"
      """)

  @Argument(help: "The file, or - for standard input.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The key that must have signed it.", valueName: "vkey"))
  var key: String?

  @OptionGroup var options: StoreOptions
}

extension EvidenceCheckCommand {
  func run() async throws {
    let console = options.console
    let bytes = try InputStream(opening: file).readAll(limit: Limits.evidenceBytesMax)
    let document: EvidenceDocument
    do throws(EvidenceError) {
      document = try EvidenceDocument(decoding: bytes)
    } catch {
      throw Self.failure(error, file)
    }
    if let key, Array(key.utf8) != Array(document.keyText.utf8) {
      throw CommandFailure(
        .badData, "\(file) is about another key, \(document.keyText)",
        remedy: "compare it with the key that hashiya audit verify names")
    }
    let evidence = EvidenceText(document)
    if console.isJSON {
      try console.print(evidence.json)
    } else {
      try console.print(evidence.lines)
    }
    if evidence.proved == nil { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  private static func failure(_ error: EvidenceError, _ file: String) -> CommandFailure {
    switch error {
    case .newerForm:
      CommandFailure(
        .badData, "\(file) is evidence of a newer form", remedy: "upgrade hashiya")
    case .undecodable, .unsigned, .notInTree, .otherBatch, .provesNothing:
      CommandFailure(
        .badData, "\(file) is not written as evidence is",
        remedy: "ask for what hashiya evidence export makes")
    }
  }
}
