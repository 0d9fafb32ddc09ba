import MergeCore
import Testing

@Suite("The sibling shown")
struct ShownTests {
  /// Siblings as a record has them, one for each (replica, time, value), all concurrent.
  private func siblings(_ written: [(ReplicaID, Int64, Character)]) throws -> [Sibling] {
    var trace = Trace()
    for (replica, time, value) in written {
      try trace.log(
        Dot(replica, 1), .write(note, content(value)), received: 0, time: time)
    }
    return trace.state.siblings(of: note)
  }

  private func expect(
    _ written: [(ReplicaID, Int64, Character)], show replica: ReplicaID, _ reason: ShownReason,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let siblings = try siblings(written)
    for order in siblings.permutations {
      #expect(order.shown?.sibling.dot.replica == replica, sourceLocation: sourceLocation)
      #expect(order.shown?.reason == reason, sourceLocation: sourceLocation)
    }
  }

  @Test("What is shown, and why, is the same for every order of the siblings")
  func independentOfOrder() throws {
    try expect([(replicaA, 5, "X")], show: replicaA, .only)
    try expect([(replicaA, 5, "X"), (replicaB, 5, "X")], show: replicaA, .agreed)
    try expect([(replicaA, 5, "X"), (replicaB, 6, "X")], show: replicaB, .agreed)
    try expect([(replicaA, 5, "X"), (replicaB, 6, "Y")], show: replicaB, .latestTime)
    try expect([(replicaA, -5, "X"), (replicaB, -6, "Y")], show: replicaA, .latestTime)
    try expect([(replicaA, 5, "X"), (replicaB, 5, "Y")], show: replicaA, .greatestDot)
    try expect(
      [(replicaA, 5, "X"), (replicaB, 6, "X"), (replicaC, 5, "Y"), (replicaD, 6, "Y")],
      show: replicaD, .greatestDot)
    try expect(
      [(replicaA, 5, "X"), (replicaB, 6, "X"), (replicaC, 5, "Y"), (replicaD, 6, "X")],
      show: replicaD, .latestTime)
  }

  @Test("Nothing is shown of a register that nobody wrote")
  func nothing() { #expect([Sibling]().shown == nil) }

  @Test("Two changes of one dot, as forks leave them, are told apart by chain hash")
  func forks() throws {
    var trace = Trace()
    let origin = Dot(replicaA, 2)
    for (dot, hash) in [(Dot(replicaC, 1), UInt8(9)), (Dot(replicaD, 1), 8)] {
      try trace.log(
        dot, .write(note, content("X", salt: hash)), received: 0, own: VersionVector(),
        as: ChangeIdentity(origin: origin, chainHash: digest(hash)))
    }
    for order in trace.state.siblings(of: note).permutations {
      #expect(order.shown?.sibling.identity.chainHash == digest(9))
    }
  }
}

extension Array {
  /// All orders of the elements.
  fileprivate var permutations: [[Element]] {
    guard count > 1 else { return [self] }
    return indices.flatMap { index in
      var rest = self
      let first = rest.remove(at: index)
      return rest.permutations.map { [first] + $0 }
    }
  }
}
