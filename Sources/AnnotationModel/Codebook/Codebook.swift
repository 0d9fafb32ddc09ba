/// One label as a codebook knows it.
package struct CodebookEntry: Sendable {
  /// The label.
  package let id: LabelID
  /// Its name now: the one shown.
  package let name: String
  /// Names that it had before, and those of labels that are merged into it, in any order.
  package let aliases: [String]
  /// Whether it was deleted: uses stay valid, new ones need it restored.
  package let isRetired: Bool

  package init(id: LabelID, name: String, aliases: [String] = [], isRetired: Bool = false) {
    self.id = id
    self.name = name
    self.aliases = aliases
    self.isRetired = isRetired
  }
}

/// What a typed label name means.
package enum LabelLookup: Sendable {
  /// The current name of this label.
  case current(CodebookEntry)
  /// A former name of this label, and of no other.
  case alias(CodebookEntry)
  /// The name of several labels, ordered by name and identity.
  case ambiguous([CodebookEntry])
  /// The name, current or former, of labels that were all deleted.
  case retired([CodebookEntry])
  /// No label's name. `id` is the identity that a new label of this name gets, `name` its name as
  /// it is stored, `nearest` the label in use whose name differs least.
  case unknown(id: LabelID, name: String, nearest: NearestLabel?)
}

/// The label whose name is least different from one that was typed.
package struct NearestLabel: Sendable {
  /// The label.
  package let entry: CodebookEntry
  /// Code points to insert, delete or replace, once both names are folded as in a search.
  package let distance: Int

  /// Whether the names are so alike that one may be a slip of the pen: they differ in at most a third
  /// of the longer one.
  package func isAlike(_ name: String) -> Bool {
    distance * 3 <= max(name.unicodeScalars.count, entry.name.unicodeScalars.count)
  }
}

/// The labels of a workspace that stand for themselves, by name.
package struct Codebook: Sendable {
  private let entries: [CodebookEntry]

  /// Takes the labels in any order.
  package init(_ entries: [CodebookEntry]) {
    self.entries = entries.sorted {
      if !UTF8Text.identical($0.name, $1.name) { return UTF8Text.precedes($0.name, $1.name) }
      return $0.id.digest < $1.id.digest
    }
  }

  /// Finds the label that somebody typed: a current name beats a former one, a label in use beats a
  /// retired one, and what two have is ambiguous.
  ///
  /// Names are compared by the bytes of their stored form. Linear in the number of names; for an
  /// unknown name, times the square of the names' lengths.
  package func lookUp(_ typed: String) throws(TextFieldError) -> LabelLookup {
    let name = try TextField.labelName.accept(typed)
    let current = entries.filter { UTF8Text.identical($0.name, name) }
    let former = entries.filter { $0.aliases.contains { UTF8Text.identical($0, name) } }
    let inUse = (
      current: current.filter { !$0.isRetired }, former: former.filter { !$0.isRetired }
    )
    if inUse.current.count > 1 { return .ambiguous(inUse.current) }
    if let entry = inUse.current.first { return .current(entry) }
    if inUse.former.count > 1 { return .ambiguous(inUse.former) }
    if let entry = inUse.former.first { return .alias(entry) }
    let retired = current.isEmpty ? former : current
    guard retired.isEmpty else { return .retired(retired) }
    return .unknown(id: try LabelID(name: name), name: name, nearest: nearest(to: name))
  }

  /// The names that several labels in use have now, with those labels; by name, then identity.
  package var clashes: [[CodebookEntry]] {
    var groups: [[CodebookEntry]] = []
    for entry in entries where !entry.isRetired {
      if let last = groups.last?.last, UTF8Text.identical(last.name, entry.name) {
        groups[groups.count - 1].append(entry)
      } else {
        groups.append([entry])
      }
    }
    return groups.filter { $0.count > 1 }
  }

  /// The label in use whose current name differs least from `name`; of several, the first by name.
  package func nearest(to name: String) -> NearestLabel? {
    let typed = FoldedText(Array(name.unicodeScalars)).scalars
    var best: NearestLabel?
    for entry in entries where !entry.isRetired {
      let other = FoldedText(Array(entry.name.unicodeScalars)).scalars
      let distance = editDistance(typed, other)
      if distance < best?.distance ?? Int.max {
        best = NearestLabel(entry: entry, distance: distance)
      }
    }
    return best
  }
}

/// The fewest insertions, deletions and replacements that turn one text into the other
/// (Levenshtein's distance); the product of the lengths in time, one row in memory.
func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var row = Array(0...right.count)
  for (i, scalar) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let replaced = diagonal + (scalar == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[right.count]
}
