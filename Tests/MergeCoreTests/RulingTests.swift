import MergeCore
import Testing

/// Rulings 1 to 4 and 9, each with its result written by hand.
@Suite("Rulings on coverage and registers")
struct CoverageRulingTests {
  private let a1 = Dot(replicaA, 1)
  private let a2 = Dot(replicaA, 2)
  private let a3 = Dot(replicaA, 3)
  private let a4 = Dot(replicaA, 4)
  private let a5 = Dot(replicaA, 5)
  private let b1 = Dot(replicaB, 1)
  private let b2 = Dot(replicaB, 2)
  private let c1 = Dot(replicaC, 1)

  @Test("Ruling 1: pending work merged before later leaves has the state and digest of log order")
  func pendingMergedEarly() throws {
    var shared = Trace()
    try shared.log(a1, .create(nil), .write(note, content("X")), .add(tags, content("t")))
    let write = content("Y", salt: 1)
    var early = shared
    try early.fold(b1, .write(note, write), .remove(tags, content("t", salt: 1)), received: 1)
    try early.log(a2, .write(note, content("Z")), .add(tags, content("t", salt: 2)))
    try early.log(c1, .delete, received: 1)

    var late = shared
    try late.log(a2, .write(note, content("Z")), .add(tags, content("t", salt: 2)))
    try late.log(c1, .delete, received: 1)
    try late.fold(b1, .write(note, write), .remove(tags, content("t", salt: 1)), received: 1)

    #expect(early.state == late.state)
    #expect(early.state.stored == late.state.stored)
    #expect(early.checked.sum == late.checked.sum)
    #expect(late.state.siblings(of: note).map(\.dot).sorted() == [a2, b1].sorted())
    #expect(late.state.presentElements(of: tags).map { $0.adds.map(\.dot) } == [[a2]])
    #expect(late.state.isLifecycleInConflict)
  }

  @Test("Ruling 1: a reissued remove and its origin's fork give one state in either order")
  func forkedRemoves() throws {
    // A/2 was logged by the machine as it was; rolled back, it made another A/2, now D/1.
    let reissued = ChangeIdentity(origin: a2, chainHash: digest(0xEE))
    var shared = Trace()
    try shared.log(a1, .add(tags, content("t")))
    let own = VersionVector([a1])
    let remove = Action.remove(tags, content("t", salt: 1))
    var early = shared
    try early.fold(Dot(replicaD, 1), remove, received: 1, own: own, as: reissued)
    try early.log(a2, .remove(tags, content("t", salt: 2)))
    var late = shared
    try late.log(a2, .remove(tags, content("t", salt: 2)))
    try late.fold(Dot(replicaD, 1), remove, received: 1, own: own, as: reissued)

    #expect(early.state == late.state)
    #expect(late.state.elements.map { $0.removals.map(\.dot) } == [[Dot(replicaD, 1), a2]])
  }

  @Test("Ruling 2: an own change above the clock of the form is a sibling")
  func ownCounter() throws {
    var trace = Trace()
    for dot in [a1, a2, a3] { try trace.log(dot, .write(target, content("t"))) }
    let shown = trace.state.clock
    #expect(shown == VectorClock([a3]))
    try trace.log(a4, .write(note, content("X")))
    let decisions = try trace.log(a5, .write(note, content("Y")), against: shown)

    #expect(trace.state.siblings(of: note).map(\.dot) == [a4, a5])
    #expect(
      decisions == [
        MergeDecision(
          record: record, subject: .field(note), rule: .keptSiblings, concurrent: [a4],
          opened: true)
      ])
  }

  @Test(
    "Ruling 3: the clock of the form decides where there is one, the context where there is none")
  func twoFacts() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("X")))
    try trace.log(b1, .write(note, content("Y")))
    var formless = trace
    // C had received both leaves, and its form was older than the second.
    let kept = try trace.log(c1, .write(note, content("Z")), against: VectorClock([a1]))
    #expect(kept.map(\.superseded) == [[]])
    #expect(kept.map(\.concurrent) == [[b1]])
    #expect(trace.state.siblings(of: note).map(\.dot) == [b1, c1])

    let plain = try formless.log(c1, .write(note, content("Z")))
    #expect(plain.map(\.superseded) == [[b1]])
    #expect(plain.map(\.rule) == [.applied])
    #expect(formless.state.siblings(of: note).map(\.dot) == [c1])
  }

  @Test("Ruling 4: an old form saved on a conflicted field makes a third sibling")
  func oldFormThirdSibling() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("1")))
    let shown = trace.state.clock
    try trace.log(b1, .write(note, content("2")))
    try trace.log(a2, .write(note, content("3")), received: 1)
    let decisions = try trace.log(c1, .write(note, content("4")), against: shown)
    #expect(trace.state.siblings(of: note).map(\.dot).sorted() == [a2, b1, c1].sorted())
    #expect(decisions.map(\.superseded) == [[]])
    #expect(decisions.map(\.opened) == [false])
  }

  @Test("Ruling 4: an old form supersedes alone the value that it showed")
  func oldFormSupersedesItsOwn() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("1")))
    let shown = trace.state.clock
    try trace.log(b1, .write(note, content("2")), received: 0)
    try trace.log(c1, .write(note, content("3")), received: 0)
    let decisions = try trace.log(Dot(replicaD, 1), .write(note, content("4")), against: shown)
    #expect(decisions.map(\.superseded) == [[a1]])
    #expect(decisions.map(\.concurrent) == [[b1, c1].sorted()])
    #expect(
      trace.state.siblings(of: note).map(\.dot).sorted() == [b1, c1, Dot(replicaD, 1)].sorted())
  }

  @Test("Ruling 9: equal values are all kept, and one differing value makes the conflict")
  func equalValues() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("X")))
    let agreed = try trace.log(b1, .write(note, content("X", salt: 1)), received: 0)
    #expect(agreed.map(\.rule) == [.agreed])
    #expect(!trace.state.isInConflict(note))
    #expect(trace.state.siblings(of: note).count == 2)

    // C had received A/1 alone.
    let differing = try trace.log(c1, .write(note, content("Y")), received: 1)
    #expect(trace.state.siblings(of: note).map(\.dot) == [b1, c1])
    #expect(differing.map(\.superseded) == [[a1]])
    #expect(differing.map(\.concurrent) == [[b1]])
    #expect(differing.map(\.opened) == [true])
    #expect(trace.state.conflictingFields == [note])
  }

  @Test("Ruling 9: two equal resolutions made apart close the conflict and open none")
  func equalResolutions() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("X")))
    try trace.log(b1, .write(note, content("Y")), received: 0)
    let first = try trace.log(
      a2, .write(note, content("Z")), received: 2, isResolution: true)
    let second = try trace.log(
      b2, .write(note, content("Z", salt: 1)), received: 2, isResolution: true)
    #expect(first.map(\.closed) == [true])
    #expect(first.map(\.superseded) == [[a1, b1].sorted()])
    #expect(second.map(\.rule) == [.agreed])
    #expect(second.map(\.opened) == [false])
    #expect(trace.state.conflictCount == 0)
    #expect(trace.state.siblings(of: note).map(\.isResolution) == [true, true])
  }
}
