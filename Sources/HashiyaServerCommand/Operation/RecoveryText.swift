import CommandLineKit
import MergeCore
import SyncServer
import TransparencyLog

// A log that takes nothing in, as its operator reads it: what happened, how far it is, what to type.

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
    case .otherHistory:
      """
      bring the right folder back; or stop the server, move log.sqlite away, start, and let every \
      member sync
      """
    case .fileReplaced: "restart hashiya-server"
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
