extension LeafMismatch {
  /// What is wrong with the leaf, for members: what the log's holder states, and why it cannot be so.
  package var words: String {
    switch self {
    case .undecodable: "what the server calls a leaf is none"
    case .newer(let what): "this program is too old to check it: \(what)"
    case .refused(let refusal): "the log may not have it there: \(refusal.detail)"
    case .nothingNew: "the log has it already, in an earlier leaf"
    case .differs(let field, let stated, let replayed):
      Self.words(field: field, stated: stated, replayed: replayed)
    }
  }

  private static func words(field: String, stated: String, replayed: String) -> String {
    switch field {
    case "state_digest", "report", "concurrent", "conflicts_opened", "conflicts_closed":
      "the server states another result of merging it than everybody gets who merges it again "
        + "(\(field))"
    case "batch": "the server's leaf names another batch than the one that came with it"
    case "replica": "the server's leaf names another author than the batch"
    default: "the server states \(field) \(stated), and it is \(replayed)"
    }
  }
}
