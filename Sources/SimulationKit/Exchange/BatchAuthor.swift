package import Crypto
package import MergeCore
package import SyncProtocol

/// A replica that makes changes and seals them, without a store: for logs in memory and for vectors.
package struct BatchAuthor: Sendable {
  package let key: Curve25519.Signing.PrivateKey
  package let secret: SeedSecret
  /// The workspace; set by ``found(member:name:time:)`` for a founder.
  package var workspace: Digest256
  /// The last change made.
  package private(set) var counter: Counter = 0
  package private(set) var chain = Digest256.zero
  package private(set) var context = SignedContext.empty
  /// What was made and not sealed.
  package private(set) var pending: [PendingChange] = []
  /// The chain hash before the first of ``pending``.
  private var sealed = Digest256.zero

  package var id: ReplicaID { ReplicaID(publicKey: [UInt8](key.publicKey.rawRepresentation)) }

  /// The replica whose key and seed secret follow from one number, so that all it signs is fixed.
  package init(number: UInt8, workspace: Digest256 = .zero) throws {
    let bytes = DomainHash.plain([number]).bytes
    key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    secret = SeedSecret(DomainHash.plain([number, number]).bytes)
    self.workspace = workspace
  }

  /// Makes one change of these operations.
  ///
  /// - Parameters:
  ///   - context: what the author has received; nil for the same as before.
  ///   - undoes: the change that it takes back.
  @discardableResult
  package mutating func make(
    _ operations: [DraftOperation], in context: SignedContext? = nil, time: Int64 = 1_000,
    undoing undoes: ChangeIdentity? = nil
  ) -> Dot {
    make(DraftChange(context: context, time: time, operations: operations, undoes: undoes))
  }

  /// Makes a membership act.
  @discardableResult
  package mutating func make(
    _ act: WireAct, in context: SignedContext? = nil, time: Int64 = 1_000
  ) -> Dot {
    make(DraftChange(context: context, time: time, act: act))
  }

  private mutating func make(_ draft: DraftChange) -> Dot {
    let seed = secret.seed(ofBlock: seedBlock(of: counter.next))
    let contents = draft.contents.enumerated().map { index, value in
      ReceivedContent(
        value: value, salt: contentSalt(seed: seed, counter: counter.next, index: index))
    }
    return make(
      skeleton: draft.skeleton, contents: contents, isAct: draft.act != nil,
      context: draft.context)
  }

  /// Makes a change of bytes as they are, for reissues and for what must be refused.
  @discardableResult
  package mutating func make(
    skeleton: [UInt8], contents: [ReceivedContent], hasOwnSalts: Bool = false, isAct: Bool = false,
    context: SignedContext? = nil
  ) -> Dot {
    if let context { self.context = context }
    counter = counter.next
    chain = chainHash(after: chain, skeleton: skeleton, commitments: contents.map(\.commitment))
    pending.append(
      PendingChange(
        counter: counter, skeleton: skeleton, contents: contents, chain: chain,
        hasOwnSalts: hasOwnSalts, isAct: isAct, context: self.context))
    return Dot(id, counter)
  }

  /// Seals the first `count` of the pending changes, or all, into one batch.
  package mutating func seal(_ count: Int? = nil, checkpoint: [UInt8] = []) throws -> [UInt8] {
    let changes = Array(pending.prefix(count ?? pending.count))
    let bytes = try sealer.seal(changes, after: sealed, checkpoint: checkpoint)
    pending.removeFirst(changes.count)
    sealed = changes.last?.chain ?? sealed
    return bytes
  }

  /// The sealer of this replica's batches.
  package var sealer: BatchSealer {
    BatchSealer(workspace: workspace, replica: id, key: key, secret: secret)
  }
}

// MARK: - Membership

extension BatchAuthor {
  /// Makes the genesis of a workspace, which names it.
  package mutating func found(member: UInt8, name: String, time: Int64 = 1_000) {
    var act = WireAct()
    act.genesis.key = key.publicKey.rawRepresentation
    act.genesis.member = .init(repeating: member, count: 16)
    act.genesis.name = name
    act.genesis.rules = mergeRulesVersion
    act.genesis.nonce = .init(repeating: 0xA5, count: 16)
    make(act, time: time)
    workspace = workspaceID(genesisSkeleton: pending[pending.count - 1].skeleton)
  }

  /// Makes an enrolment by an invite.
  package mutating func enrol(
    by invite: Curve25519.Signing.PrivateKey, in context: SignedContext? = nil
  ) throws {
    var act = WireAct()
    act.enrolment = try WireEnrolment(
      replicaKey: key.publicKey, invite: invite, workspace: workspace)
    make(act, in: context)
  }

  /// Makes an enrolment as the successor of another replica.
  package mutating func succeed(
    _ predecessor: BatchAuthor, after counter: Counter, chain: Digest256,
    in context: SignedContext? = nil
  ) throws {
    var act = WireAct()
    act.enrolment = try WireEnrolment(
      replicaKey: key.publicKey,
      succession: Succession(predecessor: predecessor.id, counter: counter, chain: chain),
      predecessorKey: predecessor.key, workspace: workspace)
    make(act, in: context)
  }
}
