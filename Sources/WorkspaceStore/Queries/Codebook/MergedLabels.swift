package import AnnotationModel
package import MergeCore

// "Merged into" is a register on a label, followed when labels are read (ruling 31): so a use that
// somebody made offline, before they heard of the merge, follows as well, and taking the merge back
// gives each label its own uses again.

extension RecordSource {
  /// The label that stands for this one: where its "merged into" leads, by as many steps as there are.
  ///
  /// In a circle, which two people make who merge two labels into each other apart, the label with the
  /// lowest id stands. A merge into a label that nobody made counts for nothing.
  package func standing(_ label: LabelID) throws -> LabelID {
    if let known = cache.standingLabels[label] { return known }
    let way = try merges(from: label) { cache.standingLabels[$0] != nil }
    let end = way.path[way.path.count - 1]
    let standing = cache.standingLabels[end] ?? way.circle.min { $0.digest < $1.digest } ?? end
    // Every label on the way leads there too, so a long chain is walked once.
    for label in way.path { cache.keep(standing, for: label) }
    return standing
  }

  /// The label and those that "merged into" leads to from it, each once, up to the first that ends the
  /// search; and of these the ones that make a circle at the end.
  func merges(
    from label: LabelID, until isKnown: (LabelID) -> Bool = { _ in false }
  ) throws -> (path: [LabelID], circle: [LabelID]) {
    var path = [label]
    var positions = [label: 0]
    while !isKnown(path[path.count - 1]), let next = try mergedInto(path[path.count - 1]) {
      if let start = positions[next] { return (path, Array(path[start...])) }
      positions[next] = path.count
      path.append(next)
    }
    return (path, [])
  }

  /// The label that this one is merged into, as its register shows; nil for one that is not.
  package func mergedInto(_ label: LabelID) throws -> LabelID? {
    guard let state = try state(of: label.record),
      let value = state.siblings(of: LabelField.merged).shown?.sibling.content?.value,
      let target = try content(value).flatMap({ LabelID(bytes: $0) }),
      let there = try self.state(of: target.record), !there.creations.isEmpty
    else { return nil }
    return target
  }
}

extension WorkspaceReader {
  /// The label that an annotation was given, whatever stands for it; nil where it has none.
  package func labelGiven(to annotation: RecordID) throws -> RecordID? {
    guard let state = try state(of: annotation),
      let value = state.siblings(of: AnnotationField.label).shown?.sibling.content?.value
    else { return nil }
    return try content(value).flatMap { LabelID(bytes: $0) }?.record
  }

  /// Whether the label is the one that stands where merges go in a circle; what it is merged into
  /// counts for nothing then.
  package func standsInCircle(_ label: LabelID) throws -> Bool {
    let circle = try merges(from: label).circle
    return try circle.contains(label) && standing(label) == label
  }

  /// Every label that `label` stands for, or that stands for it, itself included, ascending.
  func labelsOne(with label: LabelID) throws -> [LabelID] {
    let standing = try standing(label)
    return try records(of: .label).compactMap { LabelID($0.id) }
      .filter { try self.standing($0) == standing }
  }

  /// How many live annotations show each label; those of merged labels count for the one that stands.
  package func labelUses() throws -> [RecordID: Int] {
    var uses: [RecordID: Int] = [:]
    for (_, state) in try records(of: .annotation) where !state.isDeleted {
      guard let value = state.siblings(of: AnnotationField.label).shown?.sibling.content?.value,
        let label = try content(value).flatMap({ LabelID(bytes: $0) })
      else { continue }
      uses[try standing(label).record, default: 0] += 1
    }
    return uses
  }

  /// The label whose id is typed, whole or by its end; nil where no label has it.
  ///
  /// Throws ``AuthoringRefusal/ambiguousLabel(_:_:)`` where several have it.
  func label(byHandle typed: String) throws -> RecordID? {
    let meant: [RecordID]
    switch HandleQuery(BidiControl.trimmed(typed)) {
    case .whole(let bytes): meant = RecordID(kind: .label, bytes: bytes).map { [$0] } ?? []
    case .tail(let digits): meant = try ids(endingIn: digits, kinds: [.label])
    case nil: return nil
    }
    let made = try meant.filter { try state(of: $0)?.creations.isEmpty == false }
    guard made.count <= 1 else { throw AuthoringRefusal.ambiguousLabel(typed, made) }
    return made.first
  }
}
