import FoundationEssentials
import MergeCore

/// What a leaf's batch is.
package enum LeafType: String, CaseIterable, Codable, Sendable {
  case genesis, enrol, invite, uninvite, role, revoke, rename, edit

  /// The type of a leaf whose batch is this act; an act of a newer version is none.
  package init(_ act: WireAct) {
    switch act.act {
    case .genesis: self = .genesis
    case .enrolment: self = .enrol
    case .invite: self = .invite
    case .roleChange: self = .role
    case .revocation: self = .revoke
    case .renaming: self = .rename
    case .withdrawal: self = .uninvite
    case nil: self = .edit
    }
  }
}

/// One leaf of the log: which changes it takes in, and what merging them came to.
///
/// Its bytes are one JSON object, keys sorted, no spaces; they are hashed as received
/// (`Protocol/audit-log.md`). The time is the server's claim; it may be before that of the
/// leaf before, once a clock that was wrong is right again.
package struct Leaf: Hashable, Codable, Sendable {
  /// The version of the leaf's form: 1.
  package var v: UInt32
  package var epoch: UInt32
  package var rules: UInt32
  /// RFC 3339, UTC, milliseconds.
  package var time: String
  package var type: LeafType
  package var replica: String
  /// The counters of the changes that are new with this leaf.
  package var first: UInt64
  package var last: UInt64
  package var changes: Int
  /// Operations that met a concurrent one.
  package var concurrent: Int
  package var conflictsOpened: Int
  package var conflictsClosed: Int
  /// The batch's digest, hexadecimal.
  package var batch: String
  /// SHA-256 of the merge report's bytes, hexadecimal.
  package var report: String
  /// The state digest after this leaf, hexadecimal.
  package var stateDigest: String

  enum CodingKeys: String, CodingKey {
    case v, epoch, rules, time, type, replica, first, last, changes, concurrent, batch, report
    case conflictsOpened = "conflicts_opened"
    case conflictsClosed = "conflicts_closed"
    case stateDigest = "state_digest"
  }

  /// The bytes to append; deterministic.
  package var encoded: [UInt8] { jsonBytes(self) }

  /// Reads a leaf; nil for bytes that ``encoded`` does not write.
  package init?(encoded: [UInt8]) {
    guard encoded.count <= Limits.leafBytesMax,
      let leaf = try? JSONDecoder().decode(Leaf.self, from: Data(encoded)), leaf.encoded == encoded,
      ReplicaID(hex: leaf.replica) != nil, Timestamp(leaf.time) != nil,
      Counter(received: leaf.first) != nil, Counter(received: leaf.last) != nil
    else { return nil }
    self = leaf
  }

  /// Whether bytes are a leaf of a form that this program does not know.
  static func isNewer(_ bytes: [UInt8]) -> Bool {
    struct Version: Codable { var v: UInt32 }
    guard bytes.count <= Limits.leafBytesMax,
      let version = try? JSONDecoder().decode(Version.self, from: Data(bytes))
    else { return false }
    return version.v > 1
  }

  init(
    time: Int64, type: LeafType, replica: ReplicaID, first: Counter, last: Counter, changes: Int,
    concurrent: Int, conflictsOpened: Int, conflictsClosed: Int, batch: Digest256,
    report: Digest256, stateDigest: Digest256
  ) {
    v = 1
    epoch = 1
    rules = mergeRulesVersion
    self.time = Timestamp(milliseconds: time).text
    self.type = type
    self.replica = replica.hex
    self.first = first.rawValue
    self.last = last.rawValue
    self.changes = changes
    self.concurrent = concurrent
    self.conflictsOpened = conflictsOpened
    self.conflictsClosed = conflictsClosed
    self.batch = batch.hex
    self.report = report.hex
    self.stateDigest = stateDigest.hex
  }
}

/// JSON with sorted keys, no spaces and plain slashes: the same bytes for the same value.
func jsonBytes(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    return [UInt8](try encoder.encode(value))
  } catch {
    preconditionFailure("numbers and strings always encode: \(error)")
  }
}
