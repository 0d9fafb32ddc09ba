import AnnotationModel
package import MergeCore

// Two labels that are one (ruling 31). Uses keep the label that they were given; which one stands is
// found when they are read.

extension WorkspaceEditor {
  /// Merges a label into another: from then on the other stands for it everywhere.
  ///
  /// A no-op where it is merged into that one already. Two people who merge it into different labels
  /// apart make an ordinary conflict of its field `merged`.
  package mutating func mergeLabel(
    _ label: RecordID, into target: RecordID, against: VectorClock? = nil
  ) throws -> Made {
    _ = try live(target)
    guard let merged = LabelID(label), let other = LabelID(target) else {
      throw AuthoringRefusal.noSuchField(label, name: "merged")
    }
    // In a circle the one with the lowest id would stand, which nobody asked for.
    guard try !reader.merges(from: other).path.contains(merged) else {
      throw AuthoringRefusal.mergedAlready(target, into: label)
    }
    return try writeMerged(other.bytes, of: label, against: against)
  }

  /// The same for scripts, which say it again: a no-op where it is so already, whatever has become of
  /// the two labels since.
  package mutating func mergeLabelOnce(_ label: RecordID, into target: RecordID) throws -> Made {
    if let merged = LabelID(label), try reader.mergedInto(merged)?.record == target {
      return Made(record: label, dot: nil)
    }
    return try mergeLabel(label, into: target)
  }

  /// Takes a merge back: the label stands for itself again, with the uses that it was given.
  package mutating func unmergeLabel(_ label: RecordID, against: VectorClock? = nil) throws -> Made
  {
    try writeMerged([], of: label, against: against)
  }

  private mutating func writeMerged(
    _ bytes: [UInt8], of label: RecordID, against: VectorClock?
  ) throws -> Made {
    var draft = try draft(label, against: against)
    try draft.write(LabelField.merged, bytes)
    return try make(draft.operations, on: label)
  }
}
