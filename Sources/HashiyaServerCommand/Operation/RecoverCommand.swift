import ArgumentParser
import CommandLineKit
import SyncServer

/// `recover`: the operator's word on a log that takes nothing in.
struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Decide how a log goes on that was restored, moved or signed by somebody else.",
    usage: "hashiya-server recover (--heal | --key-stolen | --nothing-lost) [<options>]",
    discussion: """
      A log that lost leaves which this machine knows it signed takes them back by itself, from
      everyone who holds them. This command is for what the machine cannot know. `status` says which
      of the three fits. The server may be running meanwhile.

      Let every member sync before --heal: the log heals to the largest head that anyone showed, and
      to larger ones that are shown before it is healed. Who has more and comes after it has grown on
      holds another history, and is shut out.

      Examples:
        hashiya-server recover --heal             the machine was restored: take the leaves back
        hashiya-server recover --key-stolen       go on from here; larger heads are a thief's
        hashiya-server recover --nothing-lost     the folder was moved, and nothing is missing
      """)

  /// The decision, as an option each.
  enum Choice: String, EnumerableFlag {
    case heal, keyStolen, nothingLost

    static func help(for choice: Choice) -> ArgumentHelp? {
      switch choice {
      case .heal: "Take back what is missing up to the largest head that was shown."
      case .keyStolen: "Take nothing back; a larger head never stops the log again."
      case .nothingLost: "Go on with this folder; there is nothing to wait for."
      }
    }

    var decision: RecoveryDecision {
      switch self {
      case .heal: .heal
      case .keyStolen: .keyStolen
      case .nothingLost: .nothingLost
      }
    }
  }

  @Flag(exclusivity: .exclusive) var choice: Choice

  @OptionGroup var options: WorkspaceOptions

  mutating func run() throws {
    let workspace = try options.open()
    let healing = try workspace.recover(choice.decision)
    let need = try workspace.recoveryNeed()
    let console = options.console
    if console.isJSON {
      return try console.print(
        [
          "size": JSONValue(healing.treeSize), "recovery": need.map { $0.json(healing) } ?? .null,
        ] as JSONValue)
    }
    guard let need else {
      try console.print(
        "the log has \(counted(healing.treeSize, "leaf", "leaves")) and takes changes in")
      if choice == .heal { console.warn(Self.shutOut) }
      return
    }
    try console.print(need.lines(healing))
    if choice == .heal { console.warn(Self.shutOut) }
  }

  /// What a word that is given too early costs.
  private static var shutOut: StyledText {
    """
    whoever holds more leaves than that, and syncs only after the log has grown on, will be refused: \
    let those who have not synced since the accident sync first, or apply a bundle of theirs
    """
  }
}
