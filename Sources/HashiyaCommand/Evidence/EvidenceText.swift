import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// Evidence as people and scripts see it.
struct EvidenceText {
  private let document: EvidenceDocument
  private let kept: KeptEvidence?
  /// What it proves; nil when it proves nothing.
  let proved: String?

  init(_ kept: KeptEvidence) {
    self.kept = kept
    document = kept.document
    proved = try? kept.document.check()
  }

  /// Evidence that somebody handed over.
  init(_ document: EvidenceDocument) {
    kept = nil
    self.document = document
    proved = try? document.check()
  }

  private var verdict: String { proved ?? "it proves nothing: it was altered" }

  /// One line.
  var summary: [StyledText] {
    let time = (kept?.time).map(TimeText.short) ?? ""
    return ["\(String(kept?.id ?? 0), .strong)  \(time, .dim)  \(verdict)"]
  }

  /// What it proves, and the signed notes that do.
  var lines: [StyledText] {
    let notes: [[UInt8]]
    switch document.content {
    case .fork(let fork): notes = [fork.smaller, fork.larger]
    case .falseLeaf(let leaf): notes = [leaf.note]
    }
    var lines: [StyledText] = [
      StyledText(foreign: verdict), "workspace \(document.workspace)",
      "key       \(document.keyText)",
    ]
    for note in notes {
      lines.append("")
      lines += String(decoding: note, as: UTF8.self).split(separator: "\n")
        .map { "    " + StyledText(foreign: String($0)) }
    }
    if case .falseLeaf(let leaf) = document.content {
      lines += ["", "signed  \(Self.text(leaf.leaf))"]
      lines.append(
        leaf.honest.isEmpty
          ? "replay  the batch may not stand there" : "replay  \(Self.text(leaf.honest))")
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
      "holds": .bool(proved != nil), "what": .string(verdict),
      "workspace": .string(document.workspace), "key": .string(document.keyText),
    ]
  }
}
