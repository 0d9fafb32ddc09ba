import MergeCore
import Testing

/// Rulings 11 and 12 as far as the merge goes, each with its result written by hand.
///
/// A rolled-back machine made A/2; it is reissued as C/1 by one successor and D/1 by another.
@Suite("Rulings on the identity of changes")
struct IdentityRulingTests {
  private let a1 = Dot(replicaA, 1)
  private let b1 = Dot(replicaB, 1)
  private let c1 = Dot(replicaC, 1)
  private let c2 = Dot(replicaC, 2)
  private let d1 = Dot(replicaD, 1)
  private let origin = ChangeIdentity(origin: Dot(replicaA, 2), chainHash: digest(0xEE))

  /// A/1 wrote, and the first reissue of A/2 stands in the log.
  private func reissuedOnce(_ actions: Action) throws -> Trace {
    var trace = Trace()
    try trace.log(a1, .write(note, content("X")))
    try trace.log(c1, actions, own: VersionVector([a1]), as: origin)
    return trace
  }

  @Test("Ruling 11: a second carrier is recorded and absorbed, and the digest stays")
  func absorbs() throws {
    var trace = try reissuedOnce(.write(note, content("Y")))
    let sum = trace.checked.sum
    let decisions = try trace.log(
      d1, .write(note, content("Y")), own: VersionVector([a1]), as: origin)
    #expect(
      decisions == [
        MergeDecision(
          record: record, subject: .record, rule: .absorbed, concurrent: [origin.origin])
      ])
    #expect(trace.checked.sum == sum)
    #expect(trace.state.clock == VectorClock([a1, c1, d1]))
    #expect(
      trace.state.siblings(of: note).map(\.carriers) == [
        [Carrier(c1, .leaf(1)), Carrier(d1, .leaf(2))]
      ])
    #expect(trace.state.touches.map(\.dot).sorted() == [a1, c1].sorted())
  }

  @Test("Ruling 11: the original by mail, after its reissue, is absorbed under its own dot")
  func absorbsTheOriginal() throws {
    var trace = try reissuedOnce(.write(note, content("Y")))
    try trace.log(
      origin.origin, .write(note, content("Y")), own: VersionVector([a1]), as: origin)
    #expect(trace.state.siblings(of: note).map(\.dot) == [c1])
    #expect(trace.state.clock == VectorClock([origin.origin, c1]))
  }

  @Test("Ruling 11: a context that holds any carrier covers the change")
  func anyCarrierInContext() throws {
    var trace = try reissuedOnce(.write(note, content("Y")))
    try trace.log(d1, .write(note, content("Y")), own: VersionVector([a1]), as: origin)
    // D's author had received one leaf, and knows the change as its own D/1.
    let decisions = try trace.log(
      Dot(replicaD, 2), .write(note, content("Z")), received: 1, own: VersionVector([a1, d1]))
    #expect(decisions.map(\.superseded) == [[c1]])
    #expect(trace.state.siblings(of: note).map(\.dot) == [Dot(replicaD, 2)])
  }

  @Test("Ruling 11: a clock that holds any carrier covers the change", arguments: [true, false])
  func anyCarrierInClock(holds: Bool) throws {
    var trace = try reissuedOnce(.write(note, content("Y")))
    try trace.log(d1, .write(note, content("Y")), own: VersionVector([a1]), as: origin)
    let clock = VectorClock(holds ? [a1, d1] : [a1])
    let decisions = try trace.log(b1, .write(note, content("Z")), against: clock)
    #expect(decisions.map(\.superseded) == [holds ? [c1] : []])
    #expect(trace.state.siblings(of: note).count == (holds ? 1 : 2))
  }

  @Test("Ruling 11: a carrier of a superseded change brings nothing back")
  func absorbsSuperseded() throws {
    var trace = try reissuedOnce(.write(note, content("Y")))
    try trace.log(b1, .write(note, content("Z")))
    try trace.log(d1, .write(note, content("Y")), own: VersionVector([a1]), as: origin)
    #expect(trace.state.siblings(of: note).map(\.dot) == [b1])
  }

  @Test(
    "Ruling 11: every part of a record learns of the second carrier",
    arguments: [
      .create(nil), .write(note, content("Y")), .add(tags, content("t")),
      .remove(tags, content("t")), .delete, .touch,
    ] as [Action])
  func absorbsEverywhere(action: Action) throws {
    var trace = try reissuedOnce(action)
    let before = trace.state.digestElements
    try trace.log(d1, action, own: VersionVector([a1]), as: origin)
    #expect(trace.state.digestElements == before)
    let state = trace.state
    let siblings =
      state.creations + state.registers.flatMap(\.siblings) + state.elements.flatMap(\.adds)
      + state.elements.flatMap(\.removals) + state.deletions.map(\.sibling)
    let carriers =
      siblings.filter { $0.identity == origin }.map(\.carriers)
      + state.touches.filter { $0.identity == origin }.map(\.carriers)
    #expect(Set(carriers.map { $0.map(\.dot) }) == [[c1, d1]])
  }

  @Test("Ruling 11: a delete by its second carrier's successor covers the touch it carried")
  func deleteCoversOwnTouch() throws {
    var trace = try reissuedOnce(.touch)
    try trace.log(d1, .touch, received: 1, own: VersionVector([a1]), as: origin)
    try trace.log(Dot(replicaD, 2), .delete, received: 1, own: VersionVector([a1, d1]))
    #expect(trace.state.isDeleted)
  }

  @Test("Ruling 12: a successor's context covers its predecessor's changes up to there, not beyond")
  func successor() throws {
    var trace = Trace()
    try trace.log(a1, .write(note, content("X")))
    try trace.log(Dot(replicaA, 2), .write(target, content("Y")))
    // C succeeded A after A/1 and has received no leaf.
    let decisions = try trace.log(
      c1, .write(note, content("Z")), .write(target, content("Z")), received: 0,
      own: VersionVector([a1]))
    #expect(decisions.map(\.superseded) == [[a1], []])
    #expect(decisions.map(\.concurrent) == [[], [Dot(replicaA, 2)]])
  }
}
