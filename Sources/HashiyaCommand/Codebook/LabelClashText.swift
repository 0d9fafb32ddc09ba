import CommandLineKit
import WorkspaceStore

/// Several labels of one name, as people and scripts read of them.
enum LabelClashText {
  /// `2 labels are called claim`.
  static func sentence(_ clash: LabelClash) -> StyledText {
    "\(clash.labels.count) labels are called \(clash.name)"
  }

  /// The command that makes two of them one.
  static func command(_ clash: LabelClash) -> StyledText {
    "hashiya label merge \(clash.labels[1].handle) \(clash.labels[0].handle)"
  }

  /// A heading, a line each, and how to settle it.
  static func lines(_ clash: LabelClash, uses: (ClashingLabel) -> Int) -> [StyledText] {
    var lines: [StyledText] = ["\(clash.name, .strong)  \(sentence(clash))"]
    for label in clash.labels {
      var line: StyledText = "    \(label.handle, .strong)  \(label.analyst)  "
      line += "\(TimeText.short(label.time), .dim)  \(counted(uses(label), "use"))"
      if !label.formerNames.isEmpty { line += "  was \(label.formerNames.joined(separator: ", "))" }
      lines.append(line)
    }
    lines.append(("  " + command(clash) + "   makes them one").styled(.dim))
    let rename: StyledText = "  hashiya label rename \(clash.labels[1].handle) NAME"
    lines.append((rename + "   tells them apart").styled(.dim))
    return lines
  }

  /// An element of `conflicts`.
  static func json(_ clash: LabelClash, uses: (ClashingLabel) -> Int) -> JSONValue {
    let first = clash.labels[0]
    return [
      "id": RecordJSON.id(first.id), "field": "name", "shown": .string(clash.name),
      "reason": "same-name", "siblings": .array([]), "handle": .string(first.handle),
      "kind": "label", "clock": RecordJSON.vector(first.clock),
      "labels": .array(
        clash.labels.map { label in
          [
            "id": RecordJSON.id(label.id), "handle": .string(label.handle),
            "analyst": .string(label.analyst), "time": .string(TimeText.json(label.time)),
            "former_names": JSONValue(label.formerNames), "uses": .integer(uses(label)),
          ]
        }),
    ]
  }
}
