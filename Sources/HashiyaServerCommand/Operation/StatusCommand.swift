import ArgumentParser
import Auditor
import CommandLineKit
import MergeCore
import SyncProtocol
import SyncServer
import TransparencyLog

/// `status`: how the server and its workspaces stand.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how the server and its workspaces stand.",
    discussion: """
      Examples:
        hashiya-server status
        hashiya-server status --workspace gloss --json
      """)

  @Option(help: ArgumentHelp("Only this workspace.", valueName: "name"))
  var workspace: String?

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try options.folder()
    let names = try workspace.map { [$0] } ?? folder.workspaceNames()
    let all = try names.map { try SlotStanding(of: folder.workspace($0)) }
    let lost = workspace == nil ? folder.lostLogs : []
    let console = options.console
    let isServed = try folder.isServed()
    let doubt = try folder.clock.doubt()
    guard !console.isJSON else {
      try console.print(
        [
          "origin": .string(folder.origin), "url": .string(folder.url),
          "serving": isServed.map { .bool($0) } ?? .null,
          "clock_jumped_seconds": doubt.map { JSONValue($0.jumpedSeconds) } ?? .null,
          "workspaces": .array(all.map(\.json)),
          "lost": .array(
            lost.map {
              [
                "name": .string(folder.slotName(of: $0)), "origin": .string($0.origin),
                "key": .string($0.key.text), "size": JSONValue($0.size),
              ]
            }),
        ] as JSONValue)
      return try SlotStanding.refuse(all)
    }
    let serving =
      isServed.map { $0 ? "serving" : "not serving" }
      ?? "and this user may not see whether it is served"
    try console.print("\(folder.origin) at \(folder.url), \(serving)")
    if let doubt { try console.print(doubt.lines) }
    try console.print(all.flatMap(\.lines))
    for log in lost {
      try console.print([
        log.lostWords(folder.slotName(of: log)).styled(.warning),
        "  → " + SignedLog.lostStep(folder.path),
      ])
    }
    if all.contains(where: { $0.status?.need == .noRecord }) {
      console.note(
        "What was signed was looked for in \(folder.state); where the server has it elsewhere, name that: --state DIR"
      )
    }
    try SlotStanding.refuse(all)
  }
}

extension SlotStanding {
  /// Fails, after all that could be shown, for a slot that could not.
  static func refuse(_ slots: [SlotStanding]) throws {
    for case .closed(_, _, let failure) in slots { throw failure }
  }

  fileprivate var json: JSONValue {
    switch self {
    case .open(let status): status.json
    case .closed(let name, let origin, let failure):
      [
        "name": .string(name), "origin": .string(origin), "problem": .string(failure.words),
      ]
    }
  }

  fileprivate var lines: [StyledText] {
    switch self {
    case .open(let status): return status.lines
    case .closed(let name, _, let failure):
      return [StyledText(foreign: "\(name): \(failure.words)", .warning)]
    }
  }
}

extension WorkspaceStatus {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "origin": .string(origin), "key": .string(logKey.text),
      "workspace": JSONValue(workspace?.hex), "size": JSONValue(treeSize),
      "root": .string(Base64.encode(root.bytes)), "state_digest": .string(stateDigest.hex),
      "last_time": JSONValue(lastLeafTime?.text), "members": JSONValue(livingMembers),
      "replicas": JSONValue(livingReplicas), "records": JSONValue(records),
      "conflicts": JSONValue(conflicts),
      "odd_dates": .array(oddDates.map { JSONValue($0.json) }),
      "recovery": need.map { $0.json(healing) } ?? .null, "problem": .null,
    ]
  }

  fileprivate var lines: [StyledText] {
    guard let workspace else {
      return ["\(name): nothing published yet"] + needLines
    }
    var lines: [StyledText] = [
      "\(name): workspace \(String(workspace.hex.prefix(8))), \(counted(treeSize, "leaf", "leaves")), last at \(lastLeafTime?.text ?? "no time")",
      "  \(counted(livingMembers, "member")), \(counted(livingReplicas, "replica")), \(counted(records, "record")), \(conflicts) in conflict",
      "  state digest \(stateDigest.hex)",
    ]
    lines += oddDates.map { StyledText(foreign: "  \($0.words)", .warning) }
    return lines + needLines
  }

  private var needLines: [StyledText] {
    guard let need else { return [] }
    let places: [StyledText] =
      switch need {
      case .keyLost:
        ["  the key belongs at \(keyPath)"]
          + (strangeKey.map { ["  what lies there is the key of \($0.name.text)"] } ?? [])
          + ["  the record of what was signed is \(recordPath)"]
      case .recordDamaged, .otherHistory: ["  the record of what was signed is \(recordPath)"]
      default: []
      }
    return need.lines(healing) + places
  }

  private var livingMembers: Int { membership.members.filter { !$0.isRevoked }.count }

  private var livingReplicas: Int { membership.replicas.filter { !$0.isRevoked }.count }
}
