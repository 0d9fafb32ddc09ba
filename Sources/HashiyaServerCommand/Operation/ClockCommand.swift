import ArgumentParser
import CommandLineKit
import SyncProtocol
import SyncServer

/// `clock`: whether leaves can be dated, and the operator's word that they can.
struct ClockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock",
    abstract: "Show whether the clock can be believed, or confirm it.",
    discussion: """
      After a jump of more than an hour the server dates nothing, so it takes nothing in. Where the
      jump was a mistake, set the clock: the server goes on by itself. Where the clock is right now,
      confirm it.

      Examples:
        hashiya-server clock
        hashiya-server clock confirm
      """,
    subcommands: [ClockShowCommand.self, ClockConfirmCommand.self],
    defaultSubcommand: ClockShowCommand.self)
}

/// `clock show`: what the clock says, and whether it jumped.
struct ClockShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what the clock says, and whether it jumped.")

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let clock = try options.folder().clock
    let (now, doubt) = (Timestamp(milliseconds: clock.now()), try clock.doubt())
    let console = options.console
    if console.isJSON {
      return try console.print(
        [
          "time": .string(now.text),
          "jumped_seconds": doubt.map { JSONValue($0.jumpedSeconds) } ?? .null,
        ] as JSONValue)
    }
    try console.print("the clock says \(now.text)")
    guard let doubt else { return }
    try console.print(doubt.lines)
  }
}

/// `clock confirm`: the clock is right.
struct ClockConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Say that the clock is right after it jumped.",
    discussion: """
      The server may be running meanwhile: it goes on with the next push.

      Examples:
        hashiya-server clock confirm
      """)

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let time = Timestamp(milliseconds: try options.folder().clock.confirm()).text
    let console = options.console
    if console.isJSON { return try console.print(["time": .string(time)] as JSONValue) }
    try console.print("leaves are dated by this clock, which says \(time)")
  }
}

extension ClockDoubt {
  /// By how many seconds; negative when the clock went back.
  var jumpedSeconds: Int { Int(clamping: jump / 1_000) }

  /// What happened and what to do, for people.
  var lines: [StyledText] {
    let hours = max(1, abs(jumpedSeconds) / 3_600)
    let span =
      hours < 48 ? counted(hours, "hour") : counted(hours / 24, "day")
    return [
      StyledText(
        verbatim:
          "the clock jumped by about \(span), \(jump < 0 ? "back" : "ahead"): nothing is taken in",
        .warning),
      "  where it is wrong, set it, and the server goes on by itself",
      "  where it is right: hashiya-server clock confirm",
    ]
  }
}
