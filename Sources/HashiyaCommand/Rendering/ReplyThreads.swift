import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Replies below what they answer, and those below them, read once for a whole list.
struct ReplyThreads {
  private var byParent: [RecordID: [ItemView]] = [:]

  /// Reads all replies, deleted ones too: live ones may hang on them.
  init(_ reader: WorkspaceReader) throws {
    var filter = ItemFilter(kind: .reply)
    filter.lifecycle = .all
    for reply in try reader.items(filter) {
      guard let parent = reply.parent else { continue }
      byParent[parent, default: []].append(reply)
    }
  }

  /// How deep lines are set in; what hangs lower stands there too.
  private static let depthMax = 6

  /// The replies to a record and below, each where it belongs; deleted ones only above live ones.
  func lines(under record: RecordID, indentation: StyledText = "  ") -> [StyledText] {
    lines(below(record, depth: 0), indentation)
  }

  /// The replies to a record as JSON, each with `"replies"` of its own.
  func json(under record: RecordID) -> JSONValue {
    json(below(record, depth: 0))
  }

  /// A reply with those below it.
  private struct Branch {
    let reply: ItemView
    let depth: Int
    let branches: [Branch]
  }

  /// What somebody makes hang on itself is told once: `path` are the records above.
  private func below(_ record: RecordID, depth: Int, path: Set<RecordID> = []) -> [Branch] {
    let path = path.union([record])
    return (byParent[record] ?? []).filter { !path.contains($0.id) }.compactMap { reply in
      let branches = below(reply.id, depth: depth + 1, path: path)
      guard !reply.isDeleted || !branches.isEmpty else { return nil }
      return Branch(reply: reply, depth: depth, branches: branches)
    }
  }

  private func lines(_ branches: [Branch], _ indentation: StyledText) -> [StyledText] {
    branches.flatMap { branch in
      let depth = min(branch.depth, Self.depthMax)
      let margin = indentation + StyledText(verbatim: String(repeating: "  ", count: depth))
      var head = margin + "↳ \(branch.reply.handle, .strong)  \(branch.reply.analyst)"
      if branch.reply.isDeleted { head += "  " + StyledText(verbatim: "deleted", .dim) }
      let text = branch.reply.isDeleted ? "" : branch.reply.note ?? ""
      let words = text.isEmpty ? [] : PassageText.block(text, indentation: margin + "  │ ")
      return [head + ItemText.conflictMark(branch.reply)] + words
        + lines(branch.branches, indentation)
    }
  }

  private func json(_ branches: [Branch]) -> JSONValue {
    .array(
      branches.map { RecordJSON.item($0.reply).adding([("replies", json($0.branches))]) })
  }
}
