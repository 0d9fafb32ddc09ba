import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// Evidence as people and scripts see it.
struct EvidenceText {
  private let document: EvidenceDocument
  private let kept: KeptEvidence?
  /// Whether it proves that the key signed what cannot be true; nil where that takes leaves which are
  /// not here.
  let holds: Bool?
  /// What it proves, in a sentence.
  private let verdict: String

  /// Evidence that the store kept, after replaying what it is about.
  init(_ kept: KeptEvidence) {
    self.kept = kept
    document = kept.document
    let proved = try? kept.document.check()
    holds = proved != nil
    verdict = proved?.accusation ?? Self.altered
  }

  /// Evidence that somebody handed over, of which nothing is believed that its reader cannot check.
  ///
  /// - Parameter replayed: what a store that has the leaves before a false one makes of it.
  init(_ document: EvidenceDocument, replayed: ReplayVerdict?) {
    kept = nil
    self.document = document
    switch try? document.check() {
    case nil: (holds, verdict) = (false, Self.altered)
    case .proved(let what)?: (holds, verdict) = (true, what)
    case .signed(let what, let leaf)?:
      switch replayed {
      case .isFalse(let mismatch)?:
        (holds, verdict) = (true, "\(what), which is false: \(mismatch.words)")
      case .isTrue?:
        (holds, verdict) = (false, "\(what), and it is true: it proves nothing")
      case nil:
        let before = counted(leaf.index, "leaf", "leaves")
        (holds, verdict) = (nil, "\(what); whether it is false takes the \(before) before it")
      }
    }
  }

  private static let altered = "it proves nothing: it was altered"

  /// One line.
  var summary: [StyledText] {
    let time = (kept?.time).map(TimeText.short) ?? ""
    return ["\(String(kept?.id ?? 0), .strong)  \(time, .dim)  \(verdict)"]
  }

  /// What it proves, and the signed notes that do.
  var lines: [StyledText] { lines(isWorkspaceKnown: kept != nil) }

  /// The same; the key is proved, and the workspace is what the file says unless a store knows it.
  func lines(isWorkspaceKnown: Bool) -> [StyledText] {
    let notes: [[UInt8]]
    switch document.content {
    case .fork(let fork): notes = [fork.smaller, fork.larger]
    case .falseLeaf(let leaf): notes = [leaf.note]
    }
    var lines: [StyledText] = [
      StyledText(foreign: verdict),
      "workspace \(document.workspace)" + (isWorkspaceKnown ? "" : ", as the file says"),
      "key       \(document.keyText)",
    ]
    for note in notes {
      lines.append("")
      lines += String(decoding: note, as: UTF8.self).split(separator: "\n")
        .map { "    " + StyledText(foreign: String($0)) }
    }
    if case .falseLeaf(let leaf) = document.content {
      lines += ["", "signed  \(Self.text(leaf.leaf))"]
      // Of a file that was handed over that is its maker's word.
      if kept != nil {
        lines.append(
          leaf.honest.isEmpty
            ? "replay  the batch may not stand there" : "replay  \(Self.text(leaf.honest))")
      }
    }
    return lines
  }

  private static func text(_ bytes: [UInt8]) -> StyledText {
    StyledText(foreign: String(decoding: bytes, as: UTF8.self))
  }

  /// The JSON shape of `evidence list`; `id` and `time` are null for what was handed over.
  var json: JSONValue {
    [
      "id": kept.map { .integer(Int(clamping: $0.id)) } ?? .null,
      "time": JSONValue((kept?.time).map(TimeText.json)), "kind": .string(document.kind),
      "holds": holds.map { .bool($0) } ?? .null, "what": .string(verdict),
      "workspace": .string(document.workspace), "key": .string(document.keyText),
    ]
  }
}
