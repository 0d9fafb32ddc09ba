import MergeCore
import Testing

@Suite("Digests")
struct DigestLawTests {
  private static func random(_ count: Int, seed: UInt64) -> [Digest256] {
    var random = SplitMix64(seed: seed)
    return (0..<count).compactMap { index in
      // Many bytes 0x00 and 0xFF, so that carries run through the words.
      Digest256(
        (0..<Digest256.byteCount).map { _ in
          index % 2 == 0 || random.once(in: 4)
            ? UInt8.random(in: 0...255, using: &random) : random.once(in: 2) ? 0 : 0xFF
        })
    }
  }

  /// The sum modulo 2²⁵⁶, byte by byte.
  private func naiveSum(_ left: Digest256, _ right: Digest256) -> [UInt8] {
    var carry = 0
    var sum: [UInt8] = []
    for (a, b) in zip(left.bytes, right.bytes).reversed() {
      let total = Int(a) + Int(b) + carry
      sum.append(UInt8(total & 255))
      carry = total >> 8
    }
    return sum.reversed()
  }

  @Test("Sums are those of 256-bit numbers; they commute, associate, and differences undo them")
  func sums() {
    let digests = Self.random(60, seed: 1) + [.zero, digest(0xFF), digest(1)]
    #expect(digests.count == 63)
    for left in digests {
      for right in digests {
        let sum = left &+ right
        #expect(sum.bytes == naiveSum(left, right))
        #expect(sum &- right == left)
        #expect((left &- right) &+ right == left)
        #expect(sum == right &+ left)
      }
      #expect(left &+ .zero == left && left &- left == .zero)
    }
    for (left, right) in zip(digests, digests.reversed()) {
      #expect((left &+ right) &+ digests[7] == left &+ (right &+ digests[7]))
    }
  }

  @Test("A digest reads back from bytes and text, and only from 32 bytes")
  func roundTrip() {
    for digest in Self.random(20, seed: 2) {
      #expect(Digest256(digest.bytes) == digest)
      #expect(Digest256(hex: digest.hex) == digest)
      #expect(Digest256(hex: digest.hex.uppercased()) == digest)
      #expect(Digest256(digest.bytes.dropLast()) == nil)
      #expect(Digest256(digest.bytes + [0]) == nil)
      #expect(Digest256(hex: digest.hex.dropLast()) == nil)
      #expect(Digest256(hex: "g" + digest.hex.dropFirst()) == nil)
    }
  }

  @Test("Digests are ordered as their bytes")
  func order() {
    let digests = Self.random(40, seed: 3)
    for left in digests {
      for right in digests {
        #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
      }
    }
  }

  @Test("No two digest elements, records or versions of the rules have the same encoding")
  func injective() {
    let fields = [note, tags, FieldID(rawValue: 0x0100)]
    let identities = [
      identity(Dot(replicaA, 1)), identity(Dot(replicaA, 256)), identity(Dot(replicaB, 1)),
      ChangeIdentity(origin: Dot(replicaA, 1), chainHash: digest(0xEE)),
    ]
    var elements: [DigestElement] = identities.map { .touch($0.origin) }
    for identity in identities {
      elements.append(.deletion(identity))
      for commitment in [Digest256.zero, digest(1), digest(2)] {
        elements.append(.creation(identity, commitment: commitment))
        for field in fields {
          elements.append(.sibling(field, identity, commitment: commitment))
          elements.append(.add(field, identity, commitment: commitment))
          elements.append(.removal(field, identity, commitment: commitment))
          for cited in identities {
            elements.append(.siblingBack(field, identity, cited: cited, commitment: commitment))
            elements.append(.addBack(field, identity, cited: cited, commitment: commitment))
          }
        }
      }
      for cited in identities { elements.append(.deletionBack(identity, cited: cited)) }
    }
    let distinct = Set(elements)
    var encodings: Set<[UInt8]> = []
    let long = RecordID(kind: RecordKind(rawValue: 1), bytes: [UInt8](repeating: 1, count: 32))
    for record in [record, recordID(2), long ?? record] {
      for rules: UInt32 in [1, 256] {
        for element in distinct {
          encodings.insert(element.encoded(in: record, rules: rules))
        }
      }
    }
    #expect(distinct.count == 4 - 1 + 4 + 12 + 108 + 288 + 16)
    #expect(encodings.count == distinct.count * 6)
  }

  @Test("An entry of any part of a record put in, taken out or altered changes the sum")
  func plantedEntries() throws {
    var trace = Trace()
    try trace.log(Dot(replicaA, 1), .create(content("c")), .write(note, content("X")))
    try trace.log(Dot(replicaB, 1), .write(note, content("Y")), received: 0)
    try trace.log(Dot(replicaB, 2), .add(tags, content("e")), received: 0)
    try trace.log(Dot(replicaC, 1), .remove(tags, content("e")), received: 0)
    try trace.log(Dot(replicaD, 1), .delete, received: 1)
    let state = trace.state
    let identity = identity(Dot(replicaD, 9))
    let faults: [(String, (inout RecordState) -> Void)] = [
      ("another creation", { $0.creations.append($0.creations[0].of(identity)) }),
      ("no creation", { $0.creations.removeFirst() }),
      ("an altered creation", { $0.creations[0].content?.commitment = digest(1) }),
      (
        "a wrong sibling",
        { $0.registers[0].siblings.append($0.registers[0].siblings[0].of(identity)) }
      ),
      ("a sibling less", { $0.registers[0].siblings.removeLast() }),
      ("an altered sibling", { $0.registers[0].siblings[1].content?.commitment = digest(1) }),
      ("a sibling's value in another field", { $0.registers[0].field = target }),
      ("another add", { $0.elements[0].adds.append($0.elements[0].adds[0].of(identity)) }),
      ("no add", { $0.elements[0].adds = [] }),
      ("another remove", { $0.elements[0].removals[0].identity = identity }),
      ("no remove", { $0.elements[0].removals = [] }),
      (
        "an add that is a remove",
        {
          ($0.elements[0].adds, $0.elements[0].removals) = (
            $0.elements[0].removals, $0.elements[0].adds
          )
        }
      ),
      ("another delete", { $0.deletions[0].sibling.identity = identity }),
      ("no delete", { $0.deletions = [] }),
      ("another touch", { $0.touches[0].carriers[0].dot = identity.origin }),
      ("a touch less", { $0.touches.removeLast() }),
      (
        "a sibling made another's",
        { $0.registers[0].siblings[0].cited = identity }
      ),
      ("an add made another's", { $0.elements[0].adds[0].cited = identity }),
      ("a delete made another's", { $0.deletions[0].sibling.cited = identity }),
    ]
    #expect(digestSum(state.digestElements, of: record) == trace.checked.sum)
    for (name, plant) in faults {
      var faulty = state
      plant(&faulty)
      #expect(faulty != state, "\(name)")
      #expect(digestSum(faulty.digestElements, of: record) != trace.checked.sum, "\(name)")
    }
    #expect(digestSum(state.digestElements, of: recordID(2)) != trace.checked.sum)
  }

  @Test("The encoding of a digest element is the documented one, byte for byte")
  func golden() {
    let element = DigestElement.sibling(
      FieldID(rawValue: 0x0304),
      ChangeIdentity(origin: Dot(replicaA, 0x0506), chainHash: digest(7)), commitment: digest(8))
    let expected: [UInt8] =
      [0, 0, 0, 1] + [18, 0, 1] + [UInt8](repeating: 1, count: 16) + [2, 3, 4]
      + [UInt8](repeating: 0x72, count: 16) + [0, 0, 0, 0, 0, 0, 5, 6]
      + [UInt8](repeating: 7, count: 32) + [UInt8](repeating: 8, count: 32)
    #expect(element.encoded(in: record, rules: 1) == expected)
    let back = DigestElement.siblingBack(
      FieldID(rawValue: 0x0304),
      ChangeIdentity(origin: Dot(replicaA, 0x0506), chainHash: digest(7)),
      cited: ChangeIdentity(origin: Dot(replicaB, 9), chainHash: digest(5)), commitment: digest(8))
    var cited = expected
    cited[cited.count - 32 - 32 - 24 - 3] = 7
    cited += [UInt8](repeating: 0x31, count: 16) + [0, 0, 0, 0, 0, 0, 0, 9]
    cited += [UInt8](repeating: 5, count: 32)
    #expect(back.encoded(in: record, rules: 1) == cited)
  }
}

extension Sibling {
  /// The same entry as if another change had made it.
  fileprivate func of(_ identity: ChangeIdentity) -> Sibling {
    var other = self
    other.identity = identity
    return other
  }
}
