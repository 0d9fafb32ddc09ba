import SyncProtocol
package import WorkspaceStore

extension OddDates {
  /// The shape of an entry of `odd_dates` (`Protocol/command-line.md`).
  package var json: AuditValue {
    .object([
      AuditMember("from", AuditValue(leaves.lowerBound)),
      AuditMember("to", AuditValue(leaves.upperBound)), AuditMember("date", .text(date.text)),
      AuditMember("ahead", .bool(isAhead)), AuditMember("analysts", AuditValue(analysts)),
    ])
  }

  /// What is odd, and whose work it is, for people.
  package var words: String {
    let (from, to) = (leaves.lowerBound, leaves.upperBound)
    let which = from == to ? "leaf \(from) is" : "leaves \(from) to \(to) are"
    let way = isAhead ? "later than what came after" : "earlier than what came before"
    return "\(which) dated \(way) (\(date.text)): the server's clock was wrong; "
      + "\(from == to ? "it holds" : "they hold") work of \(analysts.joined(separator: ", "))"
  }
}
