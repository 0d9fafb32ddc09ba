import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import SyncServer
import TransparencyLog

/// `workspace`: the slots of this server.
struct WorkspaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workspace",
    abstract: "Make and list workspaces.",
    discussion: """
      Examples:
        hashiya-server workspace create gloss
        hashiya-server workspace list
        hashiya-server workspace code gloss
      """,
    subcommands: [
      WorkspaceCreateCommand.self, WorkspaceListCommand.self, WorkspaceCodeCommand.self,
    ])
}

/// `workspace create`: an empty slot, and the code that publishes into it.
struct WorkspaceCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make an empty slot, and print the code to publish into it.",
    discussion: """
      The code goes to the founder, who runs `hashiya publish CODE`. It is good for one workspace.
      The server may be running meanwhile.

      Examples:
        hashiya-server workspace create gloss
        hashiya-server workspace create gloss --json | jq -r .code
      """)

  @Argument(help: "Up to 64 of a-z, 0-9, dot, underscore and dash; a letter or digit first.")
  var name: String

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try options.folder()
    let slot = folder.workspace(name)
    try slot.create()
    let code = try folder.claimCode(of: name)
    let console = options.console
    if console.isJSON {
      return try console.print(
        [
          "name": .string(name), "origin": .string(slot.origin), "key": .string(code.logKey),
          "code": .string(code.text),
        ] as JSONValue)
    }
    try console.print(StyledText(verbatim: code.text))
    console.note([
      "This code publishes one workspace into the slot \(name). Hand it to the founder, who runs:",
      "  hashiya publish CODE",
    ])
  }
}

/// `workspace list`: the slots, published or not.
struct WorkspaceListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the workspaces.",
    discussion: """
      Examples:
        hashiya-server workspace list
        hashiya-server workspace list --json
      """)

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try options.folder()
    let all = try folder.workspaceNames().map { try SlotStanding(of: folder.workspace($0)) }
    let console = options.console
    if console.isJSON {
      try console.print(jsonArray: all.map(Self.json))
      return try SlotStanding.refuse(all)
    }
    for log in folder.lostLogs { console.warn(log.lostWords(folder.slotName(of: log))) }
    guard !all.isEmpty else {
      console.note("There is none. Make a slot: hashiya-server workspace create NAME")
      return
    }
    var table = TextTable(["name", "workspace", "leaves"], alignments: [.left, .left, .right])
    for slot in all {
      switch slot {
      case .open(let status):
        table.append([
          "\(status.name)", "\(status.workspace.map { String($0.hex.prefix(8)) } ?? "empty")",
          "\(status.treeSize)",
        ])
      case .closed(let name, _, let failure):
        table.append(["\(name)", "unreadable", ""])
        console.warn("\(name): \(failure.words)")
      }
    }
    try console.print(table)
    try SlotStanding.refuse(all)
  }

  private static func json(_ slot: SlotStanding) -> JSONValue {
    switch slot {
    case .open(let status):
      [
        "name": .string(status.name), "origin": .string(status.origin),
        "key": .string(status.logKey.text), "workspace": JSONValue(status.workspace?.hex),
        "size": JSONValue(status.treeSize), "problem": .null,
      ]
    case .closed(let name, let origin, let failure):
      [
        "name": .string(name), "origin": .string(origin), "key": .null, "workspace": .null,
        "size": .null, "problem": .string(failure.words),
      ]
    }
  }
}
