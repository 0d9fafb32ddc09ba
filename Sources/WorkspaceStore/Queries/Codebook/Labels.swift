package import AnnotationModel
package import MergeCore
import SyncProtocol

extension WorkspaceReader {
  /// The labels that stand for themselves, with their current names; former ones, and those of labels
  /// merged into them, are their aliases.
  ///
  /// Built once a reader; reads every label, and the history of those renamed.
  package func codebook() throws -> Codebook {
    if let known = cache.codebook { return known }
    var standing: [(id: LabelID, name: String, isRetired: Bool)] = []
    var aliases: [LabelID: [String]] = [:]
    for (record, state) in try records(of: .label) {
      guard let id = LabelID(record) else { continue }
      let name = try name(of: id, state)
      let stands = try self.standing(id)
      if stands == id {
        standing.append((id, name, state.isDeleted))
      } else {
        aliases[stands, default: []].append(name)
      }
      aliases[stands, default: []] += try formerNames(of: record, state, current: name)
    }
    let codebook = Codebook(
      standing.map { label in
        CodebookEntry(
          id: label.id, name: label.name, aliases: aliases[label.id] ?? [],
          isRetired: label.isRetired)
      })
    cache.keep(codebook)
    return codebook
  }

  /// A label's names in their order, the first one first and the current one last; none where nobody made
  /// it.
  package func labelNames(_ label: RecordID) throws -> [String] {
    guard let id = LabelID(label), let state = try state(of: label),
      let first = try firstName(state)
    else { return [] }
    let current = try name(of: id, state)
    let former = try formerNames(of: label, state, current: current)
    let isFirst = former.isEmpty || UTF8Text.identical(former[0], first)
    return (isFirst ? former : [first] + former) + [current]
  }

  /// Whether a name means this label and no other, as somebody types it.
  package func isLabel(_ label: RecordID, named name: String) throws -> Bool {
    guard case .current(let entry) = try codebook().lookUp(name) else { return false }
    return entry.id.record == label
  }

  /// Whether a live annotation has the label, or one that is one with it, as any of its siblings; reads
  /// every annotation.
  func isLabelUsed(_ label: RecordID) throws -> Bool {
    let labels = try LabelID(label).map { try labelsOne(with: $0) } ?? []
    return try records(of: .annotation).contains { _, state in
      !state.isDeleted
        && labels.contains { state.has(sibling: $0.bytes, in: AnnotationField.label) }
    }
  }

  private func formerNames(of label: RecordID, _ state: RecordState, current: String) throws
    -> [String]
  {
    guard !state.siblings(of: LabelField.name).isEmpty else { return [] }
    var names = try firstName(state).map { [$0] } ?? []
    for step in try replay(label) {
      for case .write(LabelField.name, let content) in step.change.operations(on: label) {
        guard let bytes = try self.content(content.value), !bytes.isEmpty,
          let name = try? UTF8Text.string(of: bytes)
        else { continue }
        names.append(name)
      }
    }
    var distinct: [String] = []
    for name in names where !UTF8Text.identical(name, current) {
      if !distinct.contains(where: { UTF8Text.identical($0, name) }) { distinct.append(name) }
    }
    return distinct
  }
}

extension RecordSource {
  /// A label's current name; the beginning of its id where this store does not know it.
  package func name(of label: LabelID) throws -> String {
    if let known = cache.labelNames[label] { return known }
    let name = try name(of: label, state(of: label.record) ?? RecordState())
    cache.keep(name, of: label)
    return name
  }

  fileprivate func name(of label: LabelID, _ state: RecordState) throws -> String {
    try shownText(LabelField.name, state) ?? firstName(state)
      ?? String(label.hex.prefix(AnnotationLimits.handleDigitsMin * 2))
  }

  fileprivate func firstName(_ state: RecordState) throws -> String? {
    guard let value = state.createdValue, let bytes = try content(value) else { return nil }
    return try? UTF8Text.string(of: bytes)
  }
}
