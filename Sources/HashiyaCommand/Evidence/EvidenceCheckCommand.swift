import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// `evidence check`: whether a file that was handed over proves what it says; needs no store, and uses the
/// one at hand to replay a leaf.
struct EvidenceCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check evidence that somebody handed over.",
    discussion: """
      Verifies signatures and hashes, and believes nothing else in the file. Compare the
      key with the one of your own log, or give it. That a leaf is false as well as
      signed takes the leaves before it: where the store at hand has them, the leaf is
      replayed on them. Exits 1 unless something is proved.

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
    let evidence = EvidenceText(document, replayed: try replay(document))
    if console.isJSON {
      try console.print(evidence.json)
    } else {
      try console.print(evidence.lines(isWorkspaceKnown: isKnown(document)))
    }
    if evidence.holds == nil {
      console.note("run it where a store of this workspace is, or name one with --store DIR")
    }
    if evidence.holds != true { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  /// What replaying a leaf that is said to be false comes to; nil where the leaves before it are not at
  /// hand.
  private func replay(_ document: EvidenceDocument) throws -> ReplayVerdict? {
    guard case .falseLeaf = document.content, (try? document.check()) != nil else { return nil }
    if options.store != nil { return try document.replayed(in: options.open()) }
    // A store that nobody named and that cannot be used is as good as none.
    do {
      return try document.replayed(in: try? options.open())
    } catch {
      guard case .corrupt = StoreFailure(error) else { throw error }
      return try document.replayed(in: nil)
    }
  }

  /// Whether the store at hand has this key as its log's, in this workspace: nothing in the file proves
  /// whose key it is.
  private func isKnown(_ document: EvidenceDocument) -> Bool {
    let known = try? options.open().query { reader in
      (
        key: try reader.serverSettings()?.logKey ?? "",
        workspace: try reader.workspace()?.hex ?? ""
      )
    }
    guard let known else { return false }
    return known.key.utf8.elementsEqual(document.keyText.utf8)
      && known.workspace.utf8.elementsEqual(document.workspace.utf8)
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
