import MergeCore
import Testing

@Suite("Version vectors")
struct VersionVectorTests {
  /// Every vector over three replicas with counters up to two.
  private static let vectors: [VersionVector] = (0..<27 as Range<UInt64>).map { number in
    VersionVector([
      Dot(replicaA, Counter(number % 3)), Dot(replicaB, Counter(number / 3 % 3)),
      Dot(replicaC, Counter(number / 9)),
    ])
  }

  /// Whether every entry of `left` is within `right`: the order, said naively.
  private func isWithin(_ left: VersionVector, _ right: VersionVector) -> Bool {
    [replicaA, replicaB, replicaC].allSatisfy { left[$0] <= right[$0] }
  }

  @Test("The order is that of the entries: partial, and every pair has exactly one relation")
  func partialOrder() {
    for left in Self.vectors {
      for right in Self.vectors {
        let expected: CausalOrder =
          switch (isWithin(left, right), isWithin(right, left)) {
          case (true, true): .equal
          case (true, false): .before
          case (false, true): .after
          case (false, false): .concurrent
          }
        #expect(left.order(to: right) == expected)
        #expect((left == right) == (expected == .equal))
      }
    }
  }

  @Test("The order is transitive")
  func transitive() {
    for left in Self.vectors {
      for middle in Self.vectors where left.order(to: middle) == .before {
        for right in Self.vectors where middle.order(to: right) == .before {
          #expect(left.order(to: right) == .before)
        }
      }
    }
  }

  @Test("Joining gives the least upper bound, commutes, associates and repeats without effect")
  func leastUpperBound() {
    for left in Self.vectors {
      for right in Self.vectors {
        let joined = left.joined(right)
        #expect(joined == right.joined(left))
        #expect(joined.joined(left) == joined)
        #expect(isWithin(left, joined) && isWithin(right, joined))
        for bound in Self.vectors {
          if isWithin(left, bound) && isWithin(right, bound) { #expect(isWithin(joined, bound)) }
          #expect(joined.joined(bound) == left.joined(right.joined(bound)))
        }
      }
    }
  }

  @Test("Entries are ascending and positive, whatever the order of the dots")
  func canonical() {
    let dots = [replicaA, replicaB, replicaC, replicaD].flatMap { replica in
      [Counter(3), 1, 0, 2].map { Dot(replica, $0) }
    }
    var random = SplitMix64(seed: 1)
    let expected = [replicaA, replicaB, replicaC, replicaD].sorted().map { Dot($0, 3) }
    for _ in 0..<100 {
      #expect(VersionVector(dots.shuffled(using: &random)).entries == expected)
    }
    #expect(VersionVector([Dot(replicaA, 0)]).isEmpty)
  }

  @Test("A vector contains a dot up to its replica's counter, and nothing of an absent replica")
  func contains() {
    var vector = VersionVector([Dot(replicaA, 2)])
    #expect(vector.contains(Dot(replicaA, 1)) && vector.contains(Dot(replicaA, 2)))
    #expect(!vector.contains(Dot(replicaA, 3)) && !vector.contains(Dot(replicaB, 1)))
    vector.include(Dot(replicaA, 1))
    #expect(vector[replicaA] == 2)
    vector.remove(replicaA)
    #expect(vector == VersionVector())
  }
}

extension VersionVector {
  fileprivate func joined(_ other: VersionVector) -> VersionVector {
    var joined = self
    joined.include(other)
    return joined
  }
}

@Suite("Names of changes")
struct NamingTests {
  @Test("A dot and a replica read back from their text")
  func roundTrip() {
    let dot = Dot(replicaA, Counter.max)
    #expect(Dot(dot.description) == dot)
    #expect(Dot(dot.description.uppercased()) == dot)
    #expect(ReplicaID(hex: replicaB.hex) == replicaB)
    #expect(ReplicaID(replicaB.bytes) == replicaB)
  }

  @Test(
    "No other text is a dot",
    arguments: [
      "", ":", ":1", "HEX", "HEX:", "HEX:0", "HEX:+1", "HEX:-1", "HEX:1:", "HEX: 1",
      "HEX:١", "HEX:9223372036854775808", "HEX:18446744073709551616", "0:1", "HEX00:1", "zEX:1",
    ])
  func malformed(text: String) {
    let parts = text.split(separator: "HEX", omittingEmptySubsequences: false)
    #expect(Dot(parts.joined(separator: replicaA.hex)) == nil)
  }

  @Test("A record id keeps its kind, and no two have the same encoding")
  func recordIDs() {
    let kinds = [RecordKind(rawValue: 1), RecordKind(rawValue: 0x0102)]
    var encodings: Set<[UInt8]> = []
    for kind in kinds {
      for count in [16, 32] {
        let id = RecordID(kind: kind, bytes: [UInt8](repeating: 9, count: count))
        #expect(id.map { RecordID(encoded: $0.encoded) } == id)
        encodings.insert(id?.encoded ?? [])
      }
    }
    #expect(encodings.count == 4 && !encodings.contains([]))
    for count in [0, 15, 17, 31, 33] {
      #expect(RecordID(kind: kinds[0], bytes: [UInt8](repeating: 9, count: count)) == nil)
    }
    #expect(RecordID(encoded: []) == nil && RecordID(encoded: [0, 1]) == nil)
  }
}
