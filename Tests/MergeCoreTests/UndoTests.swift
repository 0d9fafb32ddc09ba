import MergeCore
import SimulationKit
import Testing

@Suite("Undoing")
struct UndoTests {
  /// X and Y apart, A's delete unseen by B's edit, C's decision about both, and C's undoing of it.
  private func undone() throws -> Trace {
    var trace = Trace()
    try trace.log(Dot(replicaA, 1), .write(note, content("X")), time: 5)
    try trace.log(Dot(replicaB, 1), .write(note, content("Y")), received: 0, time: 7)
    try trace.log(Dot(replicaC, 1), .write(note, content("Z")), time: 9, isResolution: true)
    try trace.undo(
      Dot(replicaC, 2), Dot(replicaC, 1), .writeBack(note), [Dot(replicaA, 1), Dot(replicaB, 1)])
    return trace
  }

  @Test("ruling 29: values stand again with their authors, times and contents")
  func values() throws {
    let siblings = try undone().state.siblings(of: note)
    #expect(
      Set(siblings.compactMap(\.cited)) == [identity(Dot(replicaA, 1)), identity(Dot(replicaB, 1))])
    #expect(Set(siblings.map(\.time)) == [5, 7])
    #expect(siblings.allSatisfy { $0.dot == Dot(replicaC, 2) && !$0.isResolution })
    let shown = try #require(siblings.shown)
    #expect(shown.sibling.content?.value == content("Y").value && shown.reason == .latestTime)
  }

  @Test(
    "a state with what was brought back, and the history that undoing reads, read back as stored")
  func stored() throws {
    let trace = try undone()
    #expect(RecordState(stored: trace.state.stored) == trace.state)
    #expect(!trace.checked.history.isEmpty)
    for operation in trace.checked.history {
      guard case .context(let context) = operation.coverage else { continue }
      var carriers: [ChangeIdentity: [Carrier]] = [operation.identity: operation.carriers]
      for sibling in operation.taken { carriers[sibling.identity] = sibling.carriers }
      let bytes = operation.stored
      let again = PartOperation(
        stored: bytes, of: operation.part, place: operation.place, own: context.own
      ) { carriers[$0] ?? [] }
      #expect(again == operation)
      for count in bytes.indices {
        let cut = PartOperation(
          stored: Array(bytes.prefix(count)), of: operation.part, place: operation.place,
          own: context.own
        ) { carriers[$0] ?? [] }
        #expect(cut == nil)
      }
    }
  }

  @Test("which element comes back is said by the operation, in whatever order the history is read")
  func elements() throws {
    var trace = Trace()
    let names: [Character] = ["x", "y", "z"]
    try trace.log(
      Dot(replicaA, 1), .add(tags, content("x")), .add(tags, content("y")),
      .add(tags, content("z")))
    try trace.log(
      Dot(replicaB, 1), .write(note, content("X")), .remove(tags, content("z")),
      .remove(tags, content("x")), .remove(tags, content("y")))
    let undone = identity(Dot(replicaB, 1))
    let cites = [identity(Dot(replicaA, 1))]
    let undoing = Change(
      identity: identity(Dot(replicaB, 2)), carrier: Carrier(Dot(replicaB, 2), .leaf(2)),
      context: CausalContext(treeSize: 2, own: VersionVector([Dot(replicaB, 1)])), time: 1,
      operations: [], undoes: undone)
    let rows = trace.checked.history
    for history in [rows, rows.reversed()] {
      let part = PartHistory(trace.state, .field(tags), history)
      let found = try [1, 2, 3].map {
        try part.returned(cites, at: $0, by: undoing, undoing: undone).element
      }
      #expect(found == ["z", "x", "y"].map { content($0).value })
      #expect(part.taken(by: undone).map(\.element) == found)
      #expect(part.taken(by: undone, at: 2)?.element == content("x").value)
      for place in [0, 4, -1] {
        #expect(throws: UndoFault.notTaken) {
          try part.returned(cites, at: place, by: undoing, undoing: undone)
        }
      }
    }
    try trace.append(
      Dot(replicaB, 2),
      [2, 3, 1].map { Operation(record, .addBack(tags, undone: $0), cites: cites) },
      undoing: undone)
    #expect(
      Set(trace.state.presentElements(of: tags).map(\.value))
        == Set(names.map { content($0).value }))
    // And what takes that back names the places of that.
    try trace.log(
      Dot(replicaC, 1), .remove(tags, content("y")), .remove(tags, content("z")))
    try trace.append(
      Dot(replicaC, 2), [Operation(record, .addBack(tags, undone: 1), cites: cites)],
      undoing: identity(Dot(replicaC, 1)))
    #expect(
      Set(trace.state.presentElements(of: tags).map(\.value))
        == [content("x").value, content("z").value])
  }

  @Test("an operation counts for every dot that it names")
  func dots() throws {
    let trace = try undone()
    // C/1 took two values and names its own dot; it knew nothing of its own before.
    let decision = try #require(
      trace.checked.history.first { $0.identity == identity(Dot(replicaC, 1)) })
    #expect(decision.taken.count == 2 && decision.dotCount == 3)
    // C/2 took one, names its own, and had C/1.
    let undoing = try #require(
      trace.checked.history.first { $0.identity == identity(Dot(replicaC, 2)) })
    #expect(undoing.dotCount == 3)
    var carried = undoing
    carried.include(Carrier(Dot(replicaB, 9), .pending), of: carried.identity)
    carried.include(Carrier(Dot(replicaB, 9), .pending), of: carried.taken[0].identity)
    #expect(carried.dotCount == 5)
    carried.coverage = .clock(VectorClock([Dot(replicaA, 1), Dot(replicaB, 1), Dot(replicaC, 1)]))
    carried.ownTouches = [[Carrier(Dot(replicaA, 1), .pending)]]
    #expect(carried.dotCount == 8)
  }

  @Test("whose value it is decides between equal times, as before it was taken away")
  func shownAsBefore() throws {
    var trace = Trace()
    try trace.log(Dot(replicaA, 1), .write(note, content("X")), time: 5)
    try trace.log(Dot(replicaB, 1), .write(note, content("Y")), received: 0, time: 5)
    let before = try #require(trace.state.siblings(of: note).shown)
    try trace.log(Dot(replicaC, 1), .write(note, content("Z")), time: 9)
    try trace.undo(
      Dot(replicaC, 2), Dot(replicaC, 1), .writeBack(note), [Dot(replicaA, 1), Dot(replicaB, 1)])
    let after = try #require(trace.state.siblings(of: note).shown)
    #expect(after.sibling.source == before.sibling.source && after.reason == before.reason)
  }
}

extension Trace {
  /// Appends a change that takes another back, made with everything received.
  fileprivate mutating func undo(
    _ dot: Dot, _ undone: Dot, _ action: Action, _ cites: [Dot]
  ) throws {
    try append(
      dot, [Operation(record, action, cites: cites.map(identity).sorted())],
      undoing: identity(undone))
  }
}
