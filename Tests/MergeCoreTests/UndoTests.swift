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
      let again = PartOperation(stored: bytes, of: operation.part, own: context.own) {
        carriers[$0] ?? []
      }
      #expect(again == operation)
      for count in bytes.indices {
        let cut = PartOperation(
          stored: Array(bytes.prefix(count)), of: operation.part, own: context.own
        ) { carriers[$0] ?? [] }
        #expect(cut == nil)
      }
    }
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
