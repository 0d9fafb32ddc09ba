import AnnotationModel
package import MergeCore

/// Labels in use that have one current name: nothing for merging, and a conflict for people
/// (ruling 31).
package struct LabelClash: Sendable {
  package var name: String
  /// At least two, ascending by id.
  package var labels: [ClashingLabel]
}

/// One of the labels of a clash.
package struct ClashingLabel: Sendable {
  package var id: RecordID
  package var handle: String
  /// Names that it had before.
  package var formerNames: [String]
  /// Who gave it the name, and when: its maker, or whoever renamed it.
  package var analyst: String
  package var time: Int64
  package var clock: VectorClock
}

extension WorkspaceReader {
  /// Every name that several labels in use have; by name, in the order of their code points.
  package func labelClashes() throws -> [LabelClash] {
    try codebook().clashes.map { entries in
      LabelClash(name: entries[0].name, labels: try entries.map { try clashing($0) })
    }
  }

  /// The labels in use whose name another one has; looked up once a reader.
  func clashingLabels() throws -> Set<LabelID> {
    if let known = cache.clashingLabels { return known }
    let labels = Set(try codebook().clashes.joined().map(\.id))
    cache.keep(clashing: labels)
    return labels
  }

  private func clashing(_ entry: CodebookEntry) throws -> ClashingLabel {
    let state = try state(of: entry.id.record)
    let naming =
      state?.siblings(of: LabelField.name).shown?.sibling ?? state?.creations.shown?.sibling
    return ClashingLabel(
      id: entry.id.record, handle: try handle(of: entry.id.record), formerNames: entry.aliases,
      analyst: try naming.map { try analyst(of: $0) } ?? "", time: naming?.time ?? 0,
      clock: state?.clock ?? VectorClock())
  }
}
