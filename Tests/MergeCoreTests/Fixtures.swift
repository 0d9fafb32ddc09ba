import MergeCore

// Names for the traces of these tests: replicas A to D, one record, its fields and values.
// Replicas are named against the order of their bytes, so that no test leans on it.

let replicaA = replica(0x72)
let replicaB = replica(0x31)
let replicaC = replica(0xB5)
let replicaD = replica(0x50)

let record = recordID(1)
let note = FieldID(rawValue: 1)
let target = FieldID(rawValue: 2)
let tags = FieldID(rawValue: 3)

func replica(_ byte: UInt8) -> ReplicaID {
  ReplicaID([UInt8](repeating: byte, count: ReplicaID.byteCount)) ?? .zero
}

func recordID(_ byte: UInt8) -> RecordID {
  guard let id = RecordID(kind: RecordKind(rawValue: 1), bytes: [UInt8](repeating: byte, count: 16))
  else { preconditionFailure("16 bytes are an id") }
  return id
}

func digest(_ byte: UInt8) -> Digest256 { digests[Int(byte)] }

/// All of ``digest(_:)``, made once.
private let digests = (0...255).map { byte in
  Digest256([UInt8](repeating: UInt8(byte), count: Digest256.byteCount)) ?? .zero
}

/// A content whose value is named by one letter; `salt` tells commitments of equal values apart.
func content(_ value: Character, salt: UInt8 = 0) -> Content {
  let byte = value.utf8.first ?? 0
  return Content(commitment: digest(byte ^ salt ^ 0x80), value: digest(byte))
}

/// The identity of a change that was not reissued.
func identity(_ dot: Dot) -> ChangeIdentity {
  ChangeIdentity(
    origin: dot,
    chainHash: digest(dot.replica.bytes[0] &+ UInt8(truncatingIfNeeded: dot.counter.rawValue)))
}

/// A 32-byte mixing function in place of SHA-256: every byte reaches every bit.
func mixed(_ bytes: [UInt8]) -> Digest256 {
  var word: UInt64 = 0
  var (a, b): (UInt64, UInt64) = (0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B)
  for index in bytes.indices {
    word = word << 8 | UInt64(bytes[index])
    guard index % 8 == 7 || index == bytes.count - 1 else { continue }
    a = scattered(a ^ word)
    b = scattered(b &+ a &+ word)
    word = 0
  }
  a = scattered(a &+ UInt64(bytes.count))
  let words = [a, scattered(a &+ b), scattered(a ^ (b << 1)), scattered(b)]
  return Digest256(Array(words.map(bigEndianBytes).joined())) ?? .zero
}

private func scattered(_ word: UInt64) -> UInt64 {
  var mixed = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
  return mixed ^ (mixed >> 31)
}

/// The sum that a state digest is, over one record's elements.
func digestSum(_ elements: some Sequence<DigestElement>, of record: RecordID) -> Digest256 {
  elements.reduce(.zero) { $0 &+ mixed($1.encoded(in: record, rules: mergeRulesVersion)) }
}

/// SplitMix64: the same numbers for the same seed, on every platform.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return scattered(state)
  }

  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
