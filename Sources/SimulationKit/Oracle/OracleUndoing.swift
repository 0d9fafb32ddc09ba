package import MergeCore

// What undoing means, naively: every question is asked of all operations of the record.

extension MergeOracle {
  /// What an operation stands for while nothing has taken it away: itself, or the values that it
  /// brings back.
  func entries(_ fact: Fact) -> [RecordView.Entry] {
    switch fact.operation.action {
    case .write(_, let content), .add(_, let content): return [entry(fact, content)]
    case .delete: return [entry(fact, nil)]
    case .writeBack, .addBack, .deleteBack:
      return fact.operation.cites.compactMap { source in
        guard let cited = cited(source, by: fact) else { return nil }
        var entry = entries(cited)[0]
        entry.identity = fact.identity
        entry.cited = source
        entry.carriers = carriers[fact.identity] ?? []
        return entry
      }
    case .create, .remove, .restore, .touch: return []
    }
  }

  /// The operation whose value another brings back: of the cited change, in the same part.
  private func cited(_ source: ChangeIdentity, by fact: Fact) -> Fact? {
    facts.first { candidate in
      guard candidate.identity == source else { return false }
      switch (fact.operation.action, candidate.operation.action) {
      case (.writeBack(let field), .write(let next, _)): return field == next
      case (.addBack(let field, _), .add(let next, let content)):
        return field == next && content.value == element(of: fact)
      case (.deleteBack, .delete): return true
      default: return false
      }
    }
  }

  /// The element of a set that an operation is on.
  func element(of fact: Fact) -> Digest256? {
    switch fact.operation.action {
    case .add(_, let content), .remove(_, let content): content.value
    case .addBack(_, let place):
      facts.first { $0.identity == fact.undoes && $0.place == place }.flatMap(element)
    default: nil
    }
  }

  /// Whether one operation takes away what another stands for, as far as its author knew.
  func takes(_ other: Fact, from fact: Fact) -> Bool {
    guard other.identity != fact.identity, covers(other, fact.identity) else { return false }
    switch (fact.operation.action, other.operation.action) {
    case (.write(let field, _), .write(let next, _)), (.write(let field, _), .writeBack(let next)),
      (.writeBack(let field), .write(let next, _)), (.writeBack(let field), .writeBack(let next)):
      return field == next
    case (.add(let field, _), .add(let next, _)), (.add(let field, _), .addBack(let next, _)),
      (.add(let field, _), .remove(let next, _)), (.addBack(let field, _), .add(let next, _)),
      (.addBack(let field, _), .addBack(let next, _)),
      (.addBack(let field, _), .remove(let next, _)):
      return field == next && element(of: fact) == element(of: other)
    default: return false
    }
  }

  /// Whether a restore has spent a delete; one that undoes spends those of the undone change alone.
  func isSpent(_ delete: Fact, _ entry: RecordView.Entry) -> Bool {
    facts.contains { restore($0, spends: entry, of: delete) }
  }

  private func restore(_ fact: Fact, spends entry: RecordView.Entry, of delete: Fact) -> Bool {
    guard fact.operation.action == .restore, covers(fact, delete.identity) else { return false }
    return fact.undoes == nil || fact.undoes == entry.cited ?? entry.identity
  }

  /// Whether an operation speaks for the record's life: neither a delete nor the taking back of one.
  func isTouch(_ fact: Fact) -> Bool {
    if fact.operation.action.isDelete { return false }
    return !(fact.operation.action == .restore && fact.undoes != nil)
  }

  /// Whether an operation keeps a delete from deleting.
  ///
  /// A delete that was brought back speaks as it did: not to what its author had not received. But it
  /// covers what the one who brings it back did from the undone restore on.
  func speaks(_ touch: Fact, against delete: Fact, _ entry: RecordView.Entry) -> Bool {
    guard let source = entry.cited, let original = facts.first(where: { $0.identity == source }),
      let restore = facts.first(where: { $0.identity == delete.undoes })
    else { return !covers(delete, touch.identity) }
    if covers(original, touch.identity) { return false }
    return !isOwn(touch, of: delete) || isOwn(touch, of: restore)
  }

  /// Whether an operation is among what another's author had done itself before.
  func isOwn(_ fact: Fact, of other: Fact) -> Bool {
    (carriers[fact.identity] ?? []).contains { other.context.own.contains($0.dot) }
  }
}

// MARK: - What may be brought back

extension MergeOracle {
  /// An operation on one part as undoing sees it: a register, one element of a set, or the lifecycle.
  private struct Part: Hashable {
    var field: FieldID?
    var element: Digest256?
  }

  private func part(of fact: Fact) -> Part? {
    switch fact.operation.action {
    case .write(let field, _), .writeBack(let field): Part(field: field, element: nil)
    case .add(let field, _), .addBack(let field, _), .remove(let field, _):
      Part(field: field, element: element(of: fact))
    case .delete, .deleteBack, .restore: Part(field: nil, element: nil)
    case .create, .touch: nil
    }
  }

  /// Whether an operation takes away one value that another stands for.
  private func takes(_ other: Fact, _ entry: RecordView.Entry, of fact: Fact) -> Bool {
    part(of: fact)?.field == nil
      ? restore(other, spends: entry, of: fact) : takes(other, from: fact)
  }

  /// What stood in the view of one operation's author, in its part, without what its change did.
  private func stood(before viewer: Fact, in part: Part, without change: ChangeIdentity)
    -> [(fact: Fact, entry: RecordView.Entry)]
  {
    let seen = facts.filter {
      self.part(of: $0) == part && $0.identity != change && covers(viewer, $0.identity)
    }
    return seen.flatMap { fact in
      entries(fact).filter { entry in !seen.contains { takes($0, entry, of: fact) } }
        .map { (fact, $0) }
    }
  }

  /// The changes whose values an operation took away, in each part where it is on one.
  package func taken(by change: ChangeIdentity) -> [[ChangeIdentity]] {
    facts.filter { $0.identity == change && !$0.operation.action.isDelete }.compactMap { fact in
      guard let part = part(of: fact) else { return nil }
      let values = stood(before: fact, in: part, without: change).filter { fact, entry in
        self.facts.contains { $0.identity == change && takes($0, entry, of: fact) }
      }
      return Set(values.map { $0.entry.cited ?? $0.entry.identity }).sorted()
    }
  }

  /// Whether `change`, which nothing has merged yet, may bring back what one of its operations cites.
  package func mayBringBack(_ operation: Operation, by change: Change) -> Bool {
    guard let undoes = change.undoes else { return false }
    let viewer = Fact(
      identity: change.identity, placing: change.carrier, context: change.context,
      time: change.time, operation: operation, place: 0, undoes: undoes)
    for undone in facts where undone.identity == undoes {
      guard let part = part(of: undone), isReversal(operation.action, of: undone)
      else { continue }
      let taken = stood(before: undone, in: part, without: undoes).filter { fact, entry in
        takes(undone, entry, of: fact)
      }
      let sources = Set(taken.map { $0.entry.cited ?? $0.entry.identity }).sorted()
      if sources.isEmpty || sources != operation.cites { continue }
      return isAlone(undone, part, taken, viewer)
    }
    return false
  }

  private func isReversal(_ action: Action, of undone: Fact) -> Bool {
    switch (action, undone.operation.action) {
    case (.writeBack(let field), .write(let next, _)),
      (.writeBack(let field), .writeBack(let next)):
      field == next
    case (.addBack(let field, let place), .add(let next, _)),
      (.addBack(let field, let place), .addBack(let next, _)),
      (.addBack(let field, let place), .remove(let next, _)):
      field == next && place == undone.place
    case (.deleteBack, .restore): true
    default: false
    }
  }

  /// Whether what the undone operation left is all that its undoer had received there since.
  private func isAlone(
    _ undone: Fact, _ part: Part, _ taken: [(fact: Fact, entry: RecordView.Entry)], _ viewer: Fact
  ) -> Bool {
    let now = stood(before: viewer, in: part, without: viewer.identity)
    if part.field != nil, part.element == nil {
      return !now.isEmpty
        && now.allSatisfy { ($0.entry.cited ?? $0.entry.identity) == undone.identity }
    }
    let others = facts.filter {
      self.part(of: $0) == part && $0.identity != undone.identity && covers(viewer, $0.identity)
    }
    guard
      !others.contains(where: { other in taken.contains { takes(other, $0.entry, of: $0.fact) } })
    else { return false }
    return part.field == nil ? isOwn(undone, of: viewer) : now.isEmpty
  }
}
