import MergeCore
import Testing

/// Rulings 6 to 8, each with its result written by hand.
@Suite("Rulings on deletes, touches and sets")
struct LifecycleRulingTests {
  private let a1 = Dot(replicaA, 1)
  private let a2 = Dot(replicaA, 2)
  private let a3 = Dot(replicaA, 3)
  private let b1 = Dot(replicaB, 1)
  private let b2 = Dot(replicaB, 2)
  private let c1 = Dot(replicaC, 1)

  /// A lifecycle decision on the record of these tests.
  private func lifecycle(
    _ rule: MergeRule, superseded: [Dot] = [], concurrent: [Dot] = [], opened: Bool = false,
    closed: Bool = false
  ) -> MergeDecision {
    MergeDecision(
      record: record, subject: .lifecycle, rule: rule, superseded: superseded,
      concurrent: concurrent, opened: opened, closed: closed)
  }

  @Test("Ruling 6: a delete that covers everything deletes the record")
  func plainDelete() throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    let decisions = try trace.log(b1, .delete)
    #expect(decisions == [lifecycle(.applied)])
    #expect(trace.state.isDeleted)
    #expect(!trace.state.isLifecycleInConflict)
  }

  @Test("Ruling 6: an operation concurrent with a delete keeps the record alive, in either order")
  func keptAlive() throws {
    var editFirst = Trace()
    try editFirst.log(a1, .create(nil))
    var deleteFirst = editFirst
    try editFirst.log(a2, .write(note, content("X")), received: 1)
    let deleting = try editFirst.log(b1, .delete, received: 1)
    try deleteFirst.log(b1, .delete, received: 1)
    let editing = try deleteFirst.log(a2, .write(note, content("X")), received: 1)

    #expect(deleting == [lifecycle(.keptAlive, concurrent: [a2], opened: true)])
    #expect(editing.last == lifecycle(.keptAlive, concurrent: [b1], opened: true))
    #expect(editing.first?.rule == .applied)
    #expect(editFirst.state.isLifecycleInConflict && deleteFirst.state.isLifecycleInConflict)
    #expect(editFirst.checked.sum == deleteFirst.checked.sum)
  }

  @Test("Ruling 6: an edit by an author who had received the delete spends nothing and met nothing")
  func ordinaryEditOfDeleted() throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    try trace.log(b1, .delete)
    let decisions = try trace.log(c1, .write(note, content("X")))
    #expect(decisions.last == lifecycle(.keptAlive, opened: true))
    #expect(trace.state.deletions.map(\.sibling.dot) == [b1])
    #expect(trace.state.isLifecycleInConflict)
  }

  @Test("Ruling 6: a restore spends the deletes that it covers and no other")
  func restoreSpends() throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    try trace.log(b1, .delete)
    try trace.log(c1, .delete, received: 1)
    let restoring = try trace.log(a2, .restore, received: 2)
    #expect(
      restoring == [
        lifecycle(.keptAlive, superseded: [b1], concurrent: [c1], opened: true)
      ])
    #expect(trace.state.deletions.map(\.sibling.dot) == [c1])
    #expect(trace.state.deletions.map(\.uncovered) == [[a2]])
  }

  @Test("Ruling 6: a resolution that keeps the record ends the conflict, for good")
  func resolutionKeeps() throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    try trace.log(b1, .delete)
    try trace.log(a2, .write(note, content("X")), received: 1)
    let keeping = try trace.log(c1, .restore, isResolution: true)
    #expect(keeping == [lifecycle(.applied, superseded: [b1], closed: true)])
    #expect(trace.state.deletions.isEmpty)
    let later = try trace.log(a3, .write(note, content("Y")), received: 1)
    #expect(later.allSatisfy { $0.subject == .field(note) })
  }

  @Test("Ruling 6: a delete of a conflicted record that covers all ends the conflict")
  func deleteEndsConflict() throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    try trace.log(b1, .delete)
    try trace.log(a2, .write(note, content("X")), received: 1)
    let decisions = try trace.log(c1, .delete)
    #expect(decisions == [lifecycle(.applied, closed: true)])
    #expect(trace.state.isDeleted)
  }

  @Test(
    "Ruling 6: two deletes agree, though the later one covers less", arguments: [1, 0] as [UInt64])
  func deletesAgree(received: UInt64) throws {
    var trace = Trace()
    try trace.log(a1, .create(nil))
    try trace.log(b1, .delete)
    let decisions = try trace.log(c1, .delete, received: received)
    let met = received == 1 ? [b1] : [a1, b1].sorted()
    #expect(decisions == [lifecycle(.deletesAgree, concurrent: met)])
    #expect(trace.state.isDeleted)
  }

  @Test("Ruling 7: a touch that the delete does not cover keeps the record, in conflict")
  func touchKeepsArticle() throws {
    var trace = Trace()
    try trace.log(a1, .create(content("a")))
    try trace.log(b1, .delete)
    let decisions = try trace.log(c1, .touch, received: 1)
    #expect(
      decisions == [
        MergeDecision(record: record, subject: .record, rule: .applied),
        lifecycle(.keptAlive, concurrent: [b1], opened: true),
      ])
    #expect(trace.state.isLifecycleInConflict)
  }

  @Test("Ruling 7: deleting what touched a record does not untouch it")
  func touchStays() throws {
    let article = recordID(7)
    let annotation = recordID(8)
    func change(_ dot: Dot, leaf: UInt64, received: UInt64, _ operations: [Operation]) -> Change {
      Change(
        identity: identity(dot), carrier: Carrier(dot, .leaf(leaf)),
        context: CausalContext(treeSize: received, own: VersionVector([dot.preceding])), time: 0,
        operations: operations)
    }
    var articles = CheckedRecord(article)
    var annotations = CheckedRecord(annotation)
    for change in [
      change(a1, leaf: 0, received: 0, [Operation(article, .create(content("a")))]),
      change(
        b1, leaf: 1, received: 1,
        [Operation(annotation, .create(nil)), Operation(article, .touch)]),
      change(a2, leaf: 2, received: 1, [Operation(article, .delete)]),
      change(b2, leaf: 3, received: 2, [Operation(annotation, .delete)]),
    ] {
      for operation in change.operations {
        if operation.record == article { try articles.apply(change) }
        if operation.record == annotation { try annotations.apply(change) }
      }
    }
    #expect(annotations.state.isDeleted)
    #expect(articles.state.isLifecycleInConflict)
    #expect(articles.state.touches.map(\.dot).sorted() == [a1, b1].sorted())
  }

  @Test("Ruling 8: an add wins over a concurrent remove, explained in either order")
  func addWins() throws {
    var addLast = Trace()
    try addLast.log(a1, .add(tags, content("t")))
    var removeLast = addLast
    try addLast.log(b1, .remove(tags, content("t", salt: 1)), received: 1)
    let adding = try addLast.log(c1, .add(tags, content("t", salt: 2)), received: 1)
    try removeLast.log(c1, .add(tags, content("t", salt: 2)), received: 1)
    let removing = try removeLast.log(b1, .remove(tags, content("t", salt: 1)), received: 1)

    let element = DecisionSubject.element(tags, digest(UInt8(ascii: "t")))
    #expect(
      adding == [
        MergeDecision(record: record, subject: element, rule: .addWins, concurrent: [b1])
      ])
    #expect(
      removing == [
        MergeDecision(record: record, subject: element, rule: .addWins, concurrent: [c1])
      ])
    for trace in [addLast, removeLast] {
      #expect(trace.state.presentElements(of: tags).flatMap(\.adds).map(\.dot) == [c1])
      #expect(trace.state.elements.flatMap(\.removals).map(\.dot) == [b1])
    }
    #expect(addLast.checked.sum == removeLast.checked.sum)
  }

  @Test("Ruling 8: the latest remove of each replica stays, covered or not")
  func latestRemoves() throws {
    var trace = Trace()
    try trace.log(a1, .add(tags, content("t")))
    try trace.log(b1, .remove(tags, content("t", salt: 1)))
    try trace.log(c1, .remove(tags, content("t", salt: 2)), received: 1)
    let adding = try trace.log(a2, .add(tags, content("t", salt: 3)))
    #expect(adding.map(\.rule) == [.applied])
    let removing = try trace.log(b2, .remove(tags, content("t", salt: 4)))
    #expect(removing.map(\.superseded) == [[a2]])
    #expect(trace.state.presentElements(of: tags).isEmpty)
    #expect(trace.state.elements.flatMap(\.removals).map(\.dot) == [b2, c1])
  }

  @Test(
    "Ruling 8: an add supersedes the dots of its element that it covers, and no other element's")
  func addSupersedes() throws {
    var trace = Trace()
    try trace.log(a1, .add(tags, content("t")))
    try trace.log(b1, .add(tags, content("u")))
    let decisions = try trace.log(c1, .add(tags, content("t", salt: 1)))
    #expect(decisions.map(\.superseded) == [[a1]])
    #expect(
      Set(trace.state.presentElements(of: tags).map { $0.adds.map(\.dot) }) == [[b1], [c1]])
  }
}
