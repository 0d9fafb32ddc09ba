import AnnotationModel
import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import WorkspaceStore

/// Whose change of what a leaf is, for people: as far as it can be read from bytes that may have been
/// altered.
struct LeafSubject {
  /// Such as `omar's label of …7c1e`; nil where nothing can be read.
  let text: String?

  init(_ stored: StoredLeaf, source: LogReader, membership: MembershipState) {
    guard let batch = try? WireBatch(serializedBytes: stored.batchBytes),
      let header = try? WireBatchHeader(serializedBytes: batch.header),
      let replica = ReplicaID(header.replica)
    else {
      text = Self.words(forUnreadable: stored, source, membership)
      return
    }
    let change = Self.alteredChange(of: batch, header, replica, source) ?? batch.changes.first
    let skeleton = change.flatMap { try? WireSkeleton(serializedBytes: $0.skeleton) }
    let what = skeleton.map { Self.words(for: $0, source) } ?? "batch"
    let name = skeleton.flatMap { Self.newcomer(in: $0.act, membership) }
    text = "\(name ?? membership.analyst(of: replica))'s \(what)"
  }

  /// For a batch that does not decode: what leaf and tables say of it.
  private static func words(
    forUnreadable stored: StoredLeaf, _ source: LogReader, _ membership: MembershipState
  ) -> String? {
    guard let leaf = Leaf(encoded: stored.leafBytes), let replica = ReplicaID(hex: leaf.replica)
    else { return nil }
    let record = try? source.firstRecord(changedAt: stored.index)
    let what = record.map { "change of \(name(of: $0, source: source))" } ?? "batch"
    return "\(membership.analyst(of: replica))'s \(what)"
  }

  /// The name of somebody whom the membership does not know before this act.
  private static func newcomer(in act: WireAct, _ membership: MembershipState) -> String? {
    switch act.act {
    case .genesis(let genesis): genesis.name
    case .enrolment(let enrolment):
      switch enrolment.certificate {
      case .invite(let invite): membership.invite(key: invite.inviteKey.array)?.name
      case .succession(let succession):
        ReplicaID(succession.predecessor).map { membership.analyst(of: $0) }
      case nil: nil
      }
    case .invite, .withdrawal, .roleChange, .revocation, .renaming, nil: nil
    }
  }

  /// The first change whose chain hash is not the one that the audited log keeps for it.
  private static func alteredChange(
    of batch: WireBatch, _ header: WireBatchHeader, _ replica: ReplicaID, _ source: LogReader
  ) -> WireChange? {
    guard var chain = Digest256(header.previous), header.first > 0,
      header.last >= header.first, header.last <= Limits.counterMax,
      batch.changes.count <= Limits.batchChangesMax
    else { return nil }
    let seeds = Dictionary(
      batch.seeds.map { ($0.block, $0.seed.array) }, uniquingKeysWith: { first, _ in first })
    for (offset, change) in batch.changes.enumerated() {
      let counter = Counter(header.first + UInt64(offset))
      let commitments = change.contents.enumerated().map { index, content in
        commitment(to: content, counter, index, seeds[seedBlock(of: counter)])
      }
      chain = chainHash(
        after: chain, skeleton: change.skeleton.array, commitments: commitments)
      let logged = try? source.chainHash(at: Dot(replica, counter))
      if logged != chain { return change }
    }
    return nil
  }

  private static func commitment(
    to content: WireContent, _ counter: Counter, _ index: Int, _ seed: [UInt8]?
  ) -> Digest256 {
    guard content.hasValue else { return Digest256(content.commitment) ?? .zero }
    let derived = seed.map { contentSalt(seed: $0, counter: counter, index: index) }
    let salt = content.hasSalt ? content.salt.array : derived ?? []
    return contentCommitment(salt: salt, value: content.value.array)
  }
}

// MARK: - Words

extension LeafSubject {
  private static func words(for skeleton: WireSkeleton, _ source: LogReader) -> String {
    if skeleton.hasAct { return words(for: skeleton.act) }
    if skeleton.hasReissue,
      let origin = try? WireSkeleton(serializedBytes: skeleton.reissue.skeleton),
      !origin.hasReissue
    {
      return words(for: origin, source)
    }
    guard let operation = skeleton.operations.first else { return "change" }
    let kind = RecordKind(rawValue: UInt16(clamping: operation.kind))
    let record = RecordID(kind: kind, bytes: operation.id.array)
    let field = FieldID(rawValue: UInt16(clamping: operation.field))
    let fieldName = AnnotationSchema.name(of: field, in: kind) ?? "field \(operation.field)"
    switch operation.type {
    case .write, .add, .remove: return "\(fieldName) of \(name(of: record, source: source))"
    case .delete: return "deletion of \(name(of: record, source: source))"
    case .restore: return "restoration of \(name(of: record, source: source))"
    case .create, .touch, .unspecified, .UNRECOGNIZED:
      let kindName = AnnotationSchema.name(of: kind) ?? "record"
      return "\(kindName) \(name(of: record, source: source))"
    }
  }

  private static func words(for act: WireAct) -> String {
    switch act.act {
    case .genesis: "genesis"
    case .enrolment: "enrolment"
    case .invite(let invite): invite.name.isEmpty ? "device invite" : "invite for \(invite.name)"
    case .roleChange: "role change"
    case .revocation: "revocation"
    case .renaming: "renaming"
    case .withdrawal: "withdrawal of an invite"
    case nil: "membership act"
    }
  }

  /// The short handle of a record after an ellipsis.
  static func name(of record: RecordID?, source: LogReader) -> String {
    guard let record else { return "a record" }
    let handle = try? ShortHandle.shortest(of: record.bytes) {
      try source.recordCount(endingIn: $0)
    }
    return "…" + (handle ?? String(hexText(record.bytes).suffix(8)))
  }
}

extension LeafMismatch {
  /// What differs, for people.
  var words: String {
    switch self {
    case .undecodable: "its bytes are no leaf"
    case .newer(let what): "this program is too old to check it: \(what)"
    case .refused(let refusal): "its batch may not stand there: \(refusal.detail)"
    case .nothingNew: "its batch holds nothing that the log lacked"
    case .differs("batch", _, _): "batch differs"
    case .differs(let field, let stated, let replayed):
      "\(field.replacing("_", with: " ")) stated \(stated), replayed \(replayed)"
    }
  }
}
