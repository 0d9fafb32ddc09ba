import CommandLineKit
import MergeCore
import SyncServer
import TransparencyLog

// A log that takes nothing in, as its operator reads it: what happened, how far it is, what to type.

extension SignedLog {
  /// That the log was signed here, and its slot is not in the folder.
  func lostWords(_ name: String) -> StyledText {
    "\(name): this machine signed \(counted(size, "leaf", "leaves")) of it, and the folder has no such slot"
  }

  /// What the operator does about logs whose folder is not there.
  static func lostStep(_ path: String) -> StyledText {
    """
    bring the folder back, or restore a backup: hashiya-server backup restore FILE \
    --data \(argument: path); what that lacks comes back from the members. With log.skey alone, kept \
    apart: put it into workspaces/NAME of a data folder of this origin, and serve that. With neither, \
    the key is lost, and nobody can sign for the log any more; all the work is in the members' stores
    """
  }
}

extension RecoveryNeed {
  /// What `status` prints of it.
  func lines(_ healing: HealingStanding) -> [StyledText] {
    [StyledText(verbatim: "  takes nothing in: \(explanation)", .warning)]
      + progress(healing).map { "  " + $0 } + ["  → " + nextStep(healing)]
  }

  /// How much of what is awaited is there.
  func progress(_ healing: HealingStanding) -> [StyledText] {
    guard healing.awaitedSize > healing.treeSize else { return [] }
    let missing = healing.missing.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound - 1)"
    }
    let has = "the log has \(healing.treeSize) of \(healing.awaitedSize) leaves"
    guard !missing.isEmpty else { return ["\(has); all others were brought back"] }
    return ["\(has); nobody has brought back yet: \(missing.joined(separator: ", "))"]
  }

  /// What the operator does next.
  func nextStep(_ healing: HealingStanding) -> StyledText {
    switch self {
    case .leaves:
      """
      let every member sync, or apply a bundle of theirs: hashiya-server bundle apply FILE; or bring \
      a newer backup back
      """
    case .decision:
      """
      if the machine was restored: let every member sync, then hashiya-server recover --heal; if the \
      key was stolen: hashiya-server recover --key-stolen
      """
    case .noRecord, .otherCopy:
      """
      if this folder is the newest there is: hashiya-server recover --nothing-lost; if it comes from a \
      backup: let every member sync, then hashiya-server recover --heal
      """
    case .recordDamaged:
      """
      if no backup was restored since: hashiya-server recover --nothing-lost; otherwise let every member \
      sync, then hashiya-server recover --heal
      """
    case .otherHistory:
      """
      a member's store tells which is right: hashiya-server bundle apply FILE with a bundle of it, to see \
      whether it is of the folder's history. If it is: stop the server, move the record away, start, \
      and hashiya-server recover --nothing-lost. If it is not: bring the right folder back; or stop the \
      server, move log.sqlite away, start, and let every member sync
      """
    case .fileReplaced: "restart hashiya-server"
    case .keyLost:
      """
      bring log.skey back from a backup that holds the keys, or from where it was kept apart, and restart \
      hashiya-server; without it nobody can sign for this log any more, and all the work is in the \
      members' stores
      """
    }
  }

  /// The member `recovery` of a workspace's status.
  func json(_ healing: HealingStanding) -> JSONValue {
    [
      "reason": .string(reason), "size": JSONValue(awaited?.size),
      "root": JSONValue(awaited.map { Base64.encode($0.root.bytes) }),
      "missing": .array(
        healing.missing.map { [JSONValue($0.lowerBound), JSONValue($0.upperBound)] }),
    ]
  }
}
