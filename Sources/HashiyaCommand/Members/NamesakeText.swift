import CommandLineKit
import MergeCore
import SyncProtocol

/// Several members of one name, as people read of them.
enum NamesakeText {
  /// `2 members are called omar`.
  static func sentence(_ name: String, count: Int) -> StyledText {
    "\(count) members are called \(name)"
  }

  /// The command that tells them apart for good: it renames the one that came last.
  static func command(_ members: [Member]) -> StyledText {
    guard let last = members.last else { return "hashiya member list" }
    return "hashiya member rename \(hexText(last.id)) NAME"
  }
}
