import CommandLineKit
import MergeCore
import WorkspaceStore

/// The walk through open conflicts on a terminal: a key each.
struct ResolveQueue {
  private let workspace: Workspace
  private let filter: ConflictFilter
  private let console: Console
  private var reason: String
  /// Whether each decision is asked for its reason.
  private let asksReason: Bool
  private var decided = 0
  private var skipped: Set<ConflictKey> = []

  private static let keys: StyledText =
    "1-9 take   m merge   s skip   u undo   w why   q quit"

  private static let escape: Unicode.Scalar = "\u{1B}"

  init(
    _ workspace: Workspace, filter: ConflictFilter, reason: String?, _ console: Console
  ) throws {
    self.workspace = workspace
    self.filter = filter
    self.console = console
    self.reason = reason ?? ""
    asksReason = reason == nil
  }

  /// Shows one conflict after another until none is left or the analyst stops.
  func run() throws {
    guard console.output.isTerminal, let keys = KeyReader.begin() else {
      throw CommandFailure(
        .usage, "walking through conflicts needs a terminal",
        remedy: "name a record and a field: hashiya resolve REF FIELD --take N --reason …")
    }
    var queue = self
    try queue.walk(keys)
  }

  private mutating func walk(_ keys: borrowing KeyReader) throws {
    while let (conflict, left) = try next() {
      try show(conflict, left: left)
      guard try decide(conflict, keys) else { break }
    }
    try console.print("\(decided) resolved, \(skipped.count) skipped")
    if decided > 0 { console.note("next: hashiya sync") }
  }

  /// The next conflict, and how many are left with it.
  ///
  /// Read anew each time, so that what another process decided is not asked again.
  private func next() throws -> (conflict: ConflictView, left: Int)? {
    try workspace.query { reader in
      let left = try filter.conflicts(reader).filter {
        !skipped.contains(ConflictKey($0.record, $0.field))
      }
      return left.first.map { ($0, left.count) }
    }
  }

  private func show(_ conflict: ConflictView, left: Int) throws {
    // What is shown here is seen, for a decision typed elsewhere too.
    defer { workspace.note(listed: [conflict], console) }
    let lines = try workspace.query { reader in
      try ConflictText(references: References(reader: reader)).lines(conflict).dropLast()
    }
    let number = decided + skipped.count + 1
    try console.print(
      ["", "\(number) of \(number + left - 1)"] + lines + [Self.keys.styled(.dim)])
  }

  /// Waits for a key that decides; false when the analyst stops.
  private mutating func decide(
    _ conflict: ConflictView, _ keys: borrowing KeyReader
  ) throws -> Bool {
    while let key = keys.next() {
      switch key {
      case "q": return false
      case "s":
        skipped.insert(ConflictKey(conflict.record, conflict.field))
        return true
      case "u":
        try undo()
        return true
      case "w": try explain(conflict)
      case "m":
        if let text = try proposal(conflict) {
          return try commit(.text(text), conflict, keys)
        }
      default:
        guard let number = key.wholeNumberValue, conflict.siblings.indices.contains(number - 1)
        else { continue }
        return try commit(.sibling(conflict.siblings[number - 1].dot), conflict, keys)
      }
    }
    return false
  }

  private mutating func commit(
    _ choice: ResolutionChoice, _ conflict: ConflictView, _ keys: borrowing KeyReader
  ) throws -> Bool {
    if asksReason {
      let usual = reason.isEmpty ? "chosen in review" : reason
      console.tell(["why? (enter: \(usual); esc and enter: choose again)"])
      guard let line = keys.line() else { return false }
      if line.unicodeScalars.first == Self.escape { return true }
      if !line.isEmpty { reason = line } else if reason.isEmpty { reason = "chosen in review" }
    }
    do {
      _ = try workspace.author { editor in
        try editor.resolve(
          conflict.record, conflict.field, with: choice, reason: reason, against: conflict.clock)
      }
      decided += 1
      try console.print(StyledText(verbatim: "  resolved", .good))
    } catch let failure as CommandFailure where failure.code == .tryAgain {
      console.tell([failure.message + "; here it is again"])
    }
    return true
  }

  private mutating func undo() throws {
    guard decided > 0 else { return console.tell(["nothing was decided here yet"]) }
    let lines = try workspace.author { editor in
      try UndoText(try editor.undo(), References(reader: editor.reader)).lines
    }
    decided -= 1
    try console.print(lines.map { "  " + $0 })
  }

  private func explain(_ conflict: ConflictView) throws {
    let lines = try workspace.query { reader in
      let fields = try reader.why(conflict.record).filter { $0.fieldName == conflict.fieldName }
      return try WhyText(conflict.record, References(reader: reader)).lines(fields)
    }
    try console.print(lines)
  }

  private func proposal(_ conflict: ConflictView) throws -> String? {
    guard let merge = try workspace.query({ try Resolution.proposal(conflict, $0) }) else {
      console.tell(["only texts can be merged"])
      return nil
    }
    try console.print(merge.hasClash ? "  both changed the same words:" : "  merged:")
    try console.print(PassageText.block(merge.text, indentation: "       "))
    return merge.hasClash ? nil : merge.text
  }
}
