package import MergeCore
import SyncProtocol

/// Who brought a value back that somebody else may have written.
package struct BroughtBack: Sendable {
  /// The change that did so, by undoing another.
  package var dot: Dot
  package var analyst: String
  /// When, as that change's author claimed; milliseconds since 1970.
  package var time: Int64
  /// The leaf that holds it; nil while pending.
  package var leaf: UInt64?
}

extension RecordSource {
  /// Where a change on a record first appeared: in the log, or else among one's own pending ones.
  func placing(of change: ChangeIdentity, on record: RecordID, _ changes: ChangeReader) throws
    -> Carrier
  {
    if let logged = try log.carriers(of: change).first { return logged }
    for carrier in try trace(of: record).carriers where carrier.position == .pending {
      if try changes.change(carrier.dot, at: .pending).identity == change { return carrier }
    }
    throw StoreFailure.corrupt("change \(change.origin) is cited, and missing")
  }

  /// Where the value of a sibling was first written.
  func placing(of sibling: Sibling, on record: RecordID, _ changes: ChangeReader) throws -> Carrier
  {
    guard let cited = sibling.cited else { return sibling.carriers[0] }
    return try placing(of: cited, on: record, changes)
  }

  /// Who brought a sibling back; nil where it stands as its author wrote it.
  func broughtBack(_ sibling: Sibling, _ changes: ChangeReader) throws -> BroughtBack? {
    guard sibling.cited != nil else { return nil }
    let carrier = sibling.carriers[0]
    return BroughtBack(
      dot: carrier.dot, analyst: try analyst(of: sibling.identity, sibling.carriers),
      time: try changes.change(carrier.dot, at: carrier.position).time, leaf: carrier.leaf)
  }
}
