package import MergeCore

/// The merge, a second time and naively: it keeps every operation of one record with its whole
/// context, and decides by comparing each with each.
///
/// It shares with the merge the plain values and nothing else, prunes nothing, and computes its view
/// from scratch after every operation: O(n²) comparisons in the operations of the record.
/// Its claim is stronger than the merge's: whether one operation covers another never depends on
/// which of them came first.
package struct MergeOracle: Sendable {
  /// One operation at the place where its change first appeared.
  struct Fact: Sendable {
    var identity: ChangeIdentity
    var placing: Carrier
    var context: CausalContext
    var time: Int64
    var operation: Operation
    /// Which of its change's operations on the record it is.
    var place: Int
    var undoes: ChangeIdentity?
  }

  private(set) var facts: [Fact] = []
  /// Every appearance of every change, the placing one first (ruling 11).
  private(set) var carriers: [ChangeIdentity: [Carrier]] = [:]
  /// The record now.
  package private(set) var view = RecordView()

  package init() {}

  /// Takes the change's operations on `record`, and returns what each decided.
  ///
  /// A change that is known already under another dot is absorbed. An operation that may not bring back
  /// what it cites does nothing.
  package mutating func append(_ change: Change, to record: RecordID) -> [MergeDecision] {
    if carriers[change.identity] != nil {
      carriers[change.identity, default: []].append(change.carrier)
      view = computeView()
      return [
        MergeDecision(
          record: record, subject: .record, rule: .absorbed,
          concurrent: [change.identity.origin])
      ]
    }
    carriers[change.identity] = [change.carrier]
    var decisions: [MergeDecision] = []
    let operations = change.operations.filter { $0.record == record }
    let refused = operations.map {
      $0.action.returningPart != nil && !mayBringBack($0, by: change)
    }
    for (place, operation) in operations.enumerated() where !refused[place] {
      let fact = Fact(
        identity: change.identity, placing: change.carrier, context: change.context,
        time: change.time, operation: operation, place: place, undoes: change.undoes)
      let before = view
      facts.append(fact)
      view = computeView()
      decisions += self.decisions(of: fact, before: before, after: view)
    }
    return decisions
  }

  /// Whether operation `later` supersedes what `change` did, as far as its author knew.
  ///
  /// By the clock of the older form where there is one (rulings 2 to 4); otherwise the change has a
  /// carrier inside the received prefix of the log, or among the author's own changes.
  func covers(_ later: Fact, _ change: ChangeIdentity) -> Bool {
    (carriers[change] ?? []).contains { carrier in
      let dot = carrier.dot
      if let against = later.operation.against {
        return against[dot.replica] >= dot.counter
      }
      if later.context.own[dot.replica] >= dot.counter { return true }
      guard case .leaf(let index) = carrier.position else { return false }
      return index < later.context.treeSize
    }
  }
}

// MARK: - From scratch

extension MergeOracle {
  private func computeView() -> RecordView {
    var view = RecordView()
    view.clock = VectorClock(carriers.values.joined().map(\.dot))
    for fact in facts {
      switch fact.operation.action {
      case .create(let content): view.creations.append(entry(fact, content))
      case .write(let field, _), .writeBack(let field):
        if isLive(fact) { view.registers[field, default: []] += entries(fact) }
      case .add(let field, _), .addBack(let field, _):
        guard isLive(fact), let value = element(of: fact) else { break }
        let key = RecordView.Element(field: field, value: value)
        view.adds[key, default: []] += entries(fact)
      case .remove(let field, let content) where isLatestRemoval(fact):
        let key = RecordView.Element(field: field, value: content.value)
        view.removals[key, default: []].append(entry(fact, content))
      default: break
      }
    }
    addLifecycle(to: &view)
    sort(&view)
    view.conflictingFields = view.registers.keys.sorted().filter { isInConflict(view, $0) }
    view.digestElements = digestElements(of: view)
    return view
  }

  /// Whether no other operation of its field or element covers a write or an add.
  private func isLive(_ fact: Fact) -> Bool {
    !facts.contains { takes($0, from: fact) }
  }

  /// Whether the replica that brought a remove brought no later one of the same element (ruling 8).
  private func isLatestRemoval(_ fact: Fact) -> Bool {
    guard case .remove(let field, let content) = fact.operation.action else { return false }
    return !facts.contains { other in
      guard case .remove(let next, let element) = other.operation.action, next == field,
        element.value == content.value
      else { return false }
      return other.placing.dot.replica == fact.placing.dot.replica
        && other.placing.dot.counter > fact.placing.dot.counter
    }
  }

  /// Deletes that no restore covers; deleted when one of them covers everything else (ruling 6).
  private func addLifecycle(to view: inout RecordView) {
    let others = facts.filter(isTouch)
    let latest = others.filter { touch in
      !others.contains {
        $0.placing.dot.replica == touch.placing.dot.replica
          && $0.placing.dot.counter > touch.placing.dot.counter
      }
    }
    for touch in latest where !view.touches.contains(where: { $0.identity == touch.identity }) {
      view.touches.append(
        RecordView.Touch(
          identity: touch.identity, carriers: carriers[touch.identity] ?? [], time: touch.time))
    }
    for (index, delete) in facts.enumerated() where delete.operation.action.isDelete {
      let restore = facts.firstIndex { $0.identity == delete.undoes }
      for entry in entries(delete) where !isSpent(delete, entry) {
        let against = others.filter { touch in
          let seenAt = restore.flatMap { isOwn(touch, of: delete) ? $0 : nil } ?? index
          return speaks(touch, against: delete, entry) && !isSpokenFor(touch, before: seenAt)
        }
        let replicas = Set(against.map(\.placing.dot.replica))
        let uncovered = latest.map(\.placing.dot).filter { replicas.contains($0.replica) }
        view.deletions.append(
          RecordView.Delete(entry: entry, uncovered: Set(uncovered).sorted()))
        if against.isEmpty { view.isDeleted = true }
      }
    }
    view.isLifecycleInConflict = !view.deletions.isEmpty && !view.isDeleted
  }

  /// Whether a later touch of its replica stood for a touch when the fact at `index` came.
  ///
  /// It does so for whoever covers it: who brings a change of a replica again had all those before it,
  /// also one that was refused there and came by another way.
  private func isSpokenFor(_ touch: Fact, before index: Int) -> Bool {
    facts[..<index].contains { later in
      isTouch(later) && later.placing.dot.replica == touch.placing.dot.replica
        && later.placing.dot.counter > touch.placing.dot.counter
    }
  }

  func entry(_ fact: Fact, _ content: Content?) -> RecordView.Entry {
    // Creations, adds and removes settle nothing, whatever the operation says.
    let settles: Bool
    switch fact.operation.action {
    case .write, .delete: settles = fact.operation.isResolution
    default: settles = false
    }
    return RecordView.Entry(
      identity: fact.identity, carriers: carriers[fact.identity] ?? [], content: content,
      time: fact.time, isResolution: settles)
  }

  private func sort(_ view: inout RecordView) {
    view.creations.sort(by: inOrder)
    for field in view.registers.keys { view.registers[field]?.sort(by: inOrder) }
    for key in view.adds.keys { view.adds[key]?.sort(by: inOrder) }
    for key in view.removals.keys {
      view.removals[key]?.sort { $0.dot.replica < $1.dot.replica }
    }
    view.deletions.sort { inOrder($0.entry, $1.entry) }
    view.touches.sort { $0.carriers[0].dot < $1.carriers[0].dot }
  }

  private func inOrder(_ one: RecordView.Entry, _ other: RecordView.Entry) -> Bool {
    (one.identity, one.cited ?? one.identity) < (other.identity, other.cited ?? other.identity)
  }

  /// Whether a register's siblings hold different values (ruling 9).
  func isInConflict(_ view: RecordView, _ field: FieldID) -> Bool {
    Set((view.registers[field] ?? []).map(\.content?.value)).count > 1
  }

  private func digestElements(of view: RecordView) -> Set<DigestElement> {
    var all: Set<DigestElement> = []
    for entry in view.creations {
      all.insert(.creation(entry.identity, commitment: entry.content?.commitment ?? .zero))
    }
    func each(
      _ entries: [RecordView.Entry],
      _ make: (ChangeIdentity, ChangeIdentity?, Digest256) -> DigestElement
    ) {
      for entry in entries {
        guard let content = entry.content else { continue }
        all.insert(make(entry.identity, entry.cited, content.commitment))
      }
    }
    for (field, siblings) in view.registers {
      each(siblings) { identity, cited, commitment in
        guard let cited else { return .sibling(field, identity, commitment: commitment) }
        return .siblingBack(field, identity, cited: cited, commitment: commitment)
      }
    }
    for (key, adds) in view.adds {
      each(adds) { identity, cited, commitment in
        guard let cited else { return .add(key.field, identity, commitment: commitment) }
        return .addBack(key.field, identity, cited: cited, commitment: commitment)
      }
    }
    for (key, removals) in view.removals {
      each(removals) { identity, _, commitment in
        .removal(key.field, identity, commitment: commitment)
      }
    }
    for entry in view.deletions.map(\.entry) {
      guard let cited = entry.cited else {
        all.insert(.deletion(entry.identity))
        continue
      }
      all.insert(.deletionBack(entry.identity, cited: cited))
    }
    for touch in view.touches { all.insert(.touch(touch.carriers[0].dot)) }
    return all
  }
}
