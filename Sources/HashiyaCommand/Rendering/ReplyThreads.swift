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
  private static let indentationMax = 6
  /// How deep JSON is nested; replies below stand beside those that they answer, which they name.
  private static let nestingMax = 32

  /// The replies to a record and below, each where it belongs; deleted ones only above live ones.
  func lines(under record: RecordID, indentation: StyledText = "  ") -> [StyledText] {
    thread(below: record).flatMap { lines($0, indentation) }
  }

  /// The replies to a record as JSON, each with `"replies"` of its own.
  func json(under record: RecordID) -> JSONValue {
    let thread = thread(below: record)
    // What hangs on each, and at last on the record, in reverse: whatever hangs lower comes first.
    var hanging = [[JSONValue]](repeating: [], count: thread.count)
    var top: [JSONValue] = []
    for (index, entry) in thread.enumerated().reversed() {
      let item = RecordJSON.item(entry.reply)
        .adding([("replies", .array(hanging[index].reversed()))])
      hanging[index] = []
      if let holder = entry.holder { hanging[holder].append(item) } else { top.append(item) }
    }
    return .array(top.reversed())
  }

  /// A reply in its thread.
  private struct Entry {
    let reply: ItemView
    let depth: Int
    /// The entry in whose JSON it stands; nil for the record's.
    let holder: Int?
    /// The entry that it answers; nil for an answer to the record.
    let answered: Int?
  }

  /// The replies below a record, each before those that answer it.
  ///
  /// Iterates, since nobody bounds how long a chain of replies members make. What somebody makes hang on
  /// itself is told once.
  private func thread(below record: RecordID) -> [Entry] {
    var entries: [Entry] = []
    var seen: Set<RecordID> = [record]
    var next = (byParent[record] ?? []).reversed().map { (reply: $0, answered: Int?.none) }
    while let (reply, answered) = next.popLast() {
      guard seen.insert(reply.id).inserted else { continue }
      let above = answered.map { entries[$0] }
      let depth = above.map { $0.depth + 1 } ?? 0
      let holder = depth < Self.nestingMax ? answered : above?.holder
      entries.append(Entry(reply: reply, depth: depth, holder: holder, answered: answered))
      let index = entries.count - 1
      next += (byParent[reply.id] ?? []).reversed().map { ($0, index) }
    }
    return withoutDeletedEnds(entries)
  }

  /// The entries but for deleted ones that no live one hangs on.
  private func withoutDeletedEnds(_ entries: [Entry]) -> [Entry] {
    var isShown = entries.map { !$0.reply.isDeleted }
    for (index, entry) in entries.enumerated().reversed() where isShown[index] {
      if let answered = entry.answered { isShown[answered] = true }
    }
    var position = [Int](repeating: 0, count: entries.count)
    var shown: [Entry] = []
    for (index, entry) in entries.enumerated() where isShown[index] {
      position[index] = shown.count
      shown.append(
        Entry(
          reply: entry.reply, depth: entry.depth, holder: entry.holder.map { position[$0] },
          answered: entry.answered.map { position[$0] }))
    }
    return shown
  }

  private func lines(_ entry: Entry, _ indentation: StyledText) -> [StyledText] {
    let reply = entry.reply
    let depth = min(entry.depth, Self.indentationMax)
    let margin = indentation + StyledText(verbatim: String(repeating: "  ", count: depth))
    var head = margin + "↳ \(reply.handle, .strong)  \(reply.analyst)"
    if reply.isDeleted { head += "  " + StyledText(verbatim: "deleted", .dim) }
    let text = reply.isDeleted ? "" : reply.note ?? ""
    let words = text.isEmpty ? [] : PassageText.block(text, indentation: margin + "  │ ")
    return [head + ItemText.conflictMark(reply)] + words
  }
}
