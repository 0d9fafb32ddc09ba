import ArgumentParser

/// `evidence`: what proves that the log's key signed what cannot be true.
struct EvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "See, hand over or forget what proves that a server signed a lie.",
    discussion: """
      Whenever the server signs two histories, or a leaf that is not what its batch
      comes to, the store takes nothing in and keeps the proof: it convinces whoever
      knows the log's key, and needs nobody's word. What a bad line lost or altered
      proves nothing, and is not kept.

      Examples:
        hashiya evidence
        hashiya evidence export 1 fork.json
        hashiya evidence check fork.json --key "$VKEY"
        hashiya evidence clear --all
      """,
    subcommands: [
      EvidenceListCommand.self, EvidenceShowCommand.self, EvidenceExportCommand.self,
      EvidenceCheckCommand.self, EvidenceClearCommand.self,
    ],
    defaultSubcommand: EvidenceListCommand.self)
}
