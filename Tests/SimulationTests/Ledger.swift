import AnnotationModel
import MergeCore
import SyncProtocol

@testable import WorkspaceStore

/// A part of a record that one change made: a sibling, an add, or a delete.
struct Effect: Hashable, CustomStringConvertible {
  var record: RecordID
  var element: DigestElement

  init?(_ record: RecordID, _ element: DigestElement) {
    switch element {
    case .sibling, .add, .deletion, .siblingBack, .addBack, .deletionBack: break
    case .creation, .removal, .touch: return nil
    }
    self.record = record
    self.element = element
  }

  var description: String {
    let part =
      switch element {
      case .sibling(let field, _, _): "register \(field.rawValue)"
      case .add(let field, _, _): "element of \(field.rawValue)"
      case .siblingBack(let field, _, let cited, _):
        "register \(field.rawValue), \(cited.brief)'s brought back,"
      case .addBack(let field, _, let cited, _):
        "element of \(field.rawValue), \(cited.brief)'s brought back,"
      default: "delete"
      }
    return "\(part) of \(record.kind.rawValue)-\(hexText(record.bytes.suffix(3))) by \(maker.brief)"
  }

  /// The change that made it.
  var maker: ChangeIdentity {
    switch element {
    case .sibling(_, let identity, _), .add(_, let identity, _), .deletion(let identity),
      .creation(let identity, _), .removal(_, let identity, _), .siblingBack(_, let identity, _, _),
      .addBack(_, let identity, _, _), .deletionBack(let identity, _):
      identity
    case .touch(let dot): ChangeIdentity(origin: dot, chainHash: .zero)
    }
  }
}

/// One change as its author saw it when it was acknowledged.
///
/// Contexts and clocks play no part in it, so that the merge can be checked against it.
struct LedgerEntry {
  var identity: ChangeIdentity
  var store: String
  /// The change that it takes back.
  var undoes: ChangeIdentity?
  var made: Set<Effect>
  /// What it took the place of.
  var superseded: Set<Effect>
}

/// Every change that some store acknowledged.
struct Ledger {
  private(set) var entries: [ChangeIdentity: LedgerEntry] = [:]
  /// Changes that may be gone: destroyed by restoring an older copy over a store that had them, or
  /// refused by the log and kept aside.
  var excused = Set<ChangeIdentity>()

  /// Edits a store, and enters what was committed; returns whether anything was.
  mutating func edit(_ store: SimulatedStore, _ body: (inout WorkspaceEditor) throws -> Void)
    throws -> Bool
  {
    let fresh = try store.workspace.edit { editor -> [LedgerEntry] in
      let earlier = try PendingChanges(editor.db).rows().last?.sequence ?? 0
      try body(&editor)
      return try Self.entries(editor, after: earlier, store)
    }
    for entry in fresh { entries[entry.identity] = entry }
    return !fresh.isEmpty
  }

  /// Enters the undoings that a store has made anew by itself, since its log had so many leaves.
  ///
  /// Returns how many.
  /// Each takes away what the one before it took; what it made is what still stands of that.
  mutating func enterUndoneAnew(_ store: SimulatedStore, since treeSize: UInt64) throws -> Int {
    let known = entries
    let fresh = try store.workspace.read { reader in
      try reader.ownChanges(since: treeSize).compactMap { change -> LedgerEntry? in
        guard known[change.identity] == nil, let undone = change.undoes else { return nil }
        let effects = try Self.effects(of: Set(change.records).sorted(), reader)
        let superseded = known.values.filter { $0.undoes == undone }.flatMap(\.superseded)
        return LedgerEntry(
          identity: change.identity, store: store.name, undoes: undone,
          made: effects.filter { $0.maker == change.identity },
          superseded: Set(superseded).filter { $0.maker == undone })
      }
    }
    for entry in fresh { entries[entry.identity] = entry }
    return fresh.count
  }

  private static func entries(
    _ editor: WorkspaceEditor, after sequence: Int64, _ store: SimulatedStore
  ) throws -> [LedgerEntry] {
    let pending = PendingChanges(editor.db)
    let changes = try pending.rows().filter { $0.sequence > sequence }.map {
      try pending.decode($0)
    }
    .filter { $0.act == nil }
    let records = Set(changes.flatMap(\.records)).sorted()
    let after = try effects(of: records, editor.reader)
    // Another connection sees what was there before this transaction.
    let before = try store.workspace.read { try effects(of: records, $0) }
    return changes.enumerated().map { position, change in
      LedgerEntry(
        identity: change.identity, store: store.name, undoes: change.undoes,
        made: after.filter { $0.maker == change.identity },
        superseded: position == 0 ? before.subtracting(after) : [])
    }
  }

  private static func effects(of records: [RecordID], _ reader: WorkspaceReader) throws
    -> Set<Effect>
  {
    var effects = Set<Effect>()
    for record in records {
      guard let state = try reader.state(of: record) else { continue }
      effects.formUnion(state.digestElements.compactMap { Effect(record, $0) })
    }
    return effects
  }
}

extension WorkspaceReader {
  /// The identities of the edits that the log does not have yet.
  func pendingIdentities() throws -> [ChangeIdentity] {
    let pending = PendingChanges(db)
    return try pending.rows().map { try pending.decode($0) }.filter { $0.act == nil }
      .map(\.identity)
  }

  /// The store's own changes that are pending, or in a leaf from this one on.
  fileprivate func ownChanges(since leaf: UInt64) throws -> [DecodedChange] {
    let pending = PendingChanges(db)
    let changes = ChangeReader(self)
    let replicas = Set(try OwnReplica.all(db).map(\.id))
    let logged = try log.leaves(from: leaf, countMax: 1 << 40, bytesMax: .max).flatMap {
      try changes.batch($0.index).values.filter { replicas.contains($0.received.dot.replica) }
    }
    return try logged + pending.rows().map { try pending.decode($0) }
  }

  /// The replica that one of the store's own continues.
  func predecessor(of replica: ReplicaID) throws -> ReplicaID? {
    try OwnReplica.all(db).first { $0.id == replica }?.succession?.predecessor
  }

  /// How many replicas this store has been.
  func ownReplicaCount() throws -> Int { try OwnReplica.all(db).count }
}

extension WorkspaceReader {
  /// Whether this store joined with an invite that the log does not have, has given to another, or
  /// whose maker may not invite any more.
  func invitesAreMissing(in membership: MembershipState) throws -> Bool {
    let acts = try PendingChanges(db).rows().filter(\.isAct).map {
      try $0.received().skeleton.act
    }
    for act in acts {
      guard case .enrolment(let enrolment) = act.act,
        case .invite(let certificate) = enrolment.certificate
      else { continue }
      guard let invite = membership.invite(key: certificate.inviteKey.array) else { return true }
      guard let issuer = membership.replica(invite.issuer), !issuer.isRevoked else { return true }
      switch invite.end {
      case .withdrawn, .revoked: return true
      case .spent, nil: continue
      }
    }
    return false
  }
}

extension ChangeIdentity {
  /// For people who read a trace.
  var brief: String {
    "\(origin.replica.hex.prefix(6))/\(origin.counter.rawValue) (\(chainHash.hex.prefix(6)))"
  }
}
