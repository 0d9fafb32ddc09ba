import MergeCore
import Testing

@Suite("The stored form of a record")
struct StoredStateTests {
  /// A record that uses every part of the stored form.
  private func fullState() throws -> RecordState {
    var trace = Trace()
    let reissued = ChangeIdentity(origin: Dot(replicaB, 9), chainHash: digest(0xEE))
    try trace.log(Dot(replicaA, 1), .create(nil), .write(note, content("X")))
    try trace.log(Dot(replicaB, 1), .create(content("c")), .add(tags, content("t")), received: 0)
    try trace.log(
      Dot(replicaC, 1), .write(note, content("Y")), .remove(tags, content("t")), received: 1,
      as: reissued, time: -7, isResolution: true)
    try trace.log(Dot(replicaD, 1), .write(note, content("Y")), received: 1, as: reissued)
    try trace.log(Dot(replicaD, 2), .delete, received: 2, time: .max)
    try trace.fold(Dot(replicaA, 300), .write(FieldID(rawValue: 0xFFFF), content("Z")))
    return trace.state
  }

  @Test("A state reads back from its stored bytes")
  func roundTrip() throws {
    let state = try fullState()
    #expect(!state.creations.isEmpty && !state.registers.isEmpty && !state.elements.isEmpty)
    #expect(!state.deletions.isEmpty && !state.deletions[0].uncovered.isEmpty)
    #expect(RecordState(stored: state.stored) == state)
    #expect(RecordState(stored: RecordState().stored) == RecordState())
  }

  @Test("Stored bytes cut anywhere, or with one more, are refused")
  func truncated() throws {
    let bytes = try fullState().stored
    for count in 0..<bytes.count { #expect(RecordState(stored: Array(bytes.prefix(count))) == nil) }
    #expect(RecordState(stored: bytes + [0]) == nil)
  }

  @Test("Another version of the stored form is refused")
  func otherVersion() throws {
    var bytes = try fullState().stored
    bytes[0] += 1
    #expect(RecordState(stored: bytes) == nil)
  }

  @Test("Altered bytes are refused, or give a state that can be used without trapping")
  func altered() throws {
    let bytes = try fullState().stored
    var usable = 0
    func use(_ altered: [UInt8]) {
      guard let state = RecordState(stored: altered) else { return }
      exercise(state)
      usable += 1
    }
    for index in bytes.indices {
      for byte: UInt8 in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 1, 2, 0x7F, 0xFF] {
        var altered = bytes
        altered[index] = byte
        use(altered)
      }
      var shorter = bytes
      shorter.remove(at: index)
      use(shorter)
    }
    var random = SplitMix64(seed: 1)
    for _ in 0..<1500 {
      var altered = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: altered.indices, using: &random)
        if random.once(in: 3) {
          let count = min(altered.count - index - 1, Int.random(in: 1...40, using: &random))
          altered.removeSubrange(index..<index + count)
        } else {
          altered[index] = UInt8.random(in: 0...(random.once(in: 2) ? 3 : 255), using: &random)
        }
      }
      use(altered)
      let count = Int.random(in: 0...64, using: &random)
      use([1] + (0..<count).map { _ in UInt8.random(in: 0...1, using: &random) })
    }
    #expect(usable > 1000)
  }

  /// Uses every part of a state that reads a carrier, a sibling or a digest.
  private func exercise(_ state: RecordState) {
    var state = state
    _ = state.digestElements
    _ = state.stored
    _ = state.conflictCount
    for register in state.registers {
      _ = register.siblings.shown
      _ = register.siblings.map(\.dot)
    }
    let dot = Dot(replicaB, 2)
    let change = Change(
      identity: identity(dot), carrier: Carrier(dot, .leaf(9)),
      context: CausalContext(treeSize: 1, own: VersionVector([Dot(replicaB, 1)])), time: 0,
      operations: [Action.write(note, content("X")), .remove(tags, content("t")), .restore].map {
        Operation(record, $0)
      })
    _ = state.merge(change, into: record)
    _ = state.absorb(change.identity, as: Carrier(Dot(replicaC, 2), .pending), into: record)
  }

  @Test("A touch without carriers is refused: it would have no dot")
  func touchWithoutCarriers() throws {
    var trace = Trace()
    try trace.log(Dot(replicaA, 1), .touch)
    var bytes = trace.state.stored
    // The stored form ends with the touch's carriers (count, dot, position) and its time.
    let time = 1
    let carrier = ReplicaID.byteCount + 1 + 1
    bytes.removeSubrange(bytes.count - time - carrier..<bytes.count - time)
    bytes[bytes.count - time - 1] = 0
    #expect(RecordState(stored: bytes) == nil)
  }
}
