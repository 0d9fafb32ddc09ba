import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// The walk through open conflicts on a terminal: a key each.
struct ResolveQueue {
  private let workspace: Workspace
  private let filter: ConflictFilter
  private let console: Console
  /// The reason for all decisions; nil where each is asked for its own.
  private let reason: String?
  /// What was typed as the last reason; `=` says it again.
  private var lastReason: String?
  private var decided = 0
  private var skipped: Set<ConflictKey> = []

  /// What can be typed; only texts can be merged.
  private static func keys(for conflict: ConflictView) -> StyledText {
    let merge: StyledText = isText(conflict) ? "m merge   " : ""
    return "1-9 take   v another value   " + merge + "s skip   u undo   w why   q quit"
  }

  private static func isText(_ conflict: ConflictView) -> Bool {
    guard let field = conflict.field,
      case .text? = AnnotationSchema.valueType(of: field, in: conflict.record.kind)
    else { return false }
    return true
  }

  private static let usualReason = "chosen in review"

  init(
    _ workspace: Workspace, filter: ConflictFilter, reason: String?, _ console: Console
  ) throws {
    self.workspace = workspace
    self.filter = filter
    self.console = console
    self.reason = reason
  }

  /// Shows one conflict after another until none is left or the analyst stops.
  func run() throws {
    guard console.output.isTerminal, var keys = KeyReader.begin() else {
      throw CommandFailure(
        .usage, "walking through conflicts needs a terminal",
        remedy: "name a record and a field: hashiya resolve REF FIELD --take N --reason …")
    }
    var queue = self
    try queue.walk(&keys)
  }

  private mutating func walk(_ keys: inout KeyReader) throws {
    while let (conflict, left) = try next() {
      try show(conflict, left: left)
      guard try decide(conflict, &keys) else { break }
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
      try ConflictText(references: References(reader: reader)).lines(conflict, inContext: true)
        .dropLast()
    }
    let number = decided + skipped.count + 1
    try console.print(
      ["", "\(number) of \(number + left - 1)"] + lines + [Self.keys(for: conflict).styled(.dim)])
  }

  /// Waits for a key that decides; false when the analyst stops.
  private mutating func decide(
    _ conflict: ConflictView, _ keys: inout KeyReader
  ) throws -> Bool {
    while let key = keys.next() {
      switch key {
      case .character("q"): return false
      case .character("s"):
        skipped.insert(ConflictKey(conflict.record, conflict.field))
        return true
      case .character("u"):
        try undo()
        return true
      case .character("w"): try explain(conflict)
      case .character("v"): return try commitTyped(conflict, &keys)
      case .character("m"):
        if let text = try proposal(conflict) {
          return try commit(.text(text), conflict, &keys)
        }
      case .character(let digit):
        guard let number = digit.wholeNumberValue, conflict.siblings.indices.contains(number - 1)
        else {
          console.tell([Self.keys(for: conflict).styled(.dim)])
          continue
        }
        return try commit(.sibling(conflict.siblings[number - 1].dot), conflict, &keys)
      case .enter, .backspace, .eraseLine, .escape, .other: continue
      }
    }
    return false
  }

  /// Asks for a value of one's own, as `--value` takes it.
  private mutating func commitTyped(
    _ conflict: ConflictView, _ keys: inout KeyReader
  ) throws -> Bool {
    let form =
      switch conflict.fieldName {
      case AnnotationSchema.lifecycleName: "live or deleted"
      case "confidence": "0 to 1"
      case "target": "S:E"
      default: "enter takes it"
      }
    console.tell([StyledText(verbatim: "which value? (\(form); esc: choose again)")])
    switch keys.line() {
    case .typed(let text): return try commit(.text(text), conflict, &keys)
    case .escaped: return true
    case .ended: return false
    }
  }

  private mutating func commit(
    _ choice: ResolutionChoice, _ conflict: ConflictView, _ keys: inout KeyReader
  ) throws -> Bool {
    let reason: String
    switch askReason(&keys) {
    case .typed(let text): reason = text
    case .escaped: return true
    case .ended: return false
    }
    do {
      _ = try workspace.author { editor in
        try editor.resolve(
          conflict.record, conflict.field, with: choice, reason: reason, against: conflict.clock)
      }
      decided += 1
      try console.print(StyledText(verbatim: "  resolved", .good))
    } catch let failure as CommandFailure where Self.canBeMended(failure.code) {
      console.tell([failure.message + "; here it is again"])
    }
    return true
  }

  /// Why; an empty line is the usual reason and never silently the one before, which `=` repeats.
  private mutating func askReason(_ keys: inout KeyReader) -> KeyReader.Line {
    if let reason { return .typed(reason) }
    let again: StyledText = lastReason.map { "; = and enter: \($0)" } ?? ""
    console.tell(["why? (enter: \(Self.usualReason)" + again + "; esc: choose again)"])
    let line = keys.line()
    guard case .typed(let text) = line else { return line }
    if text.isEmpty { return .typed(Self.usualReason) }
    if text == "=", let lastReason { return .typed(lastReason) }
    lastReason = text
    return .typed(text)
  }

  /// Whether what was typed was wrong, or came too late, and not the store.
  private static func canBeMended(_ code: CommandExit) -> Bool {
    code == .tryAgain || code == .badData || code == .noInput
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
