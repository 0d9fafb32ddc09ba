package import MergeCore
import TransparencyLog

/// A batch that may be appended: what is new in it, decoded, and who belongs afterwards.
package struct Judgement: Sendable {
  package var batch: ReceivedBatch
  /// The changes that the log lacks, in order; empty when it has them all.
  package var fresh: [DecodedChange]
  /// The leaf that has the last change, when nothing is fresh.
  package var knownLeaf: UInt64?
  /// The membership after the batch.
  package var membership: MembershipState
  package var type: LeafType
}

/// Judges whether a batch may stand at the next leaf: certificate, role, signature, chain, contexts,
/// limits (DESIGN.md §4).
///
/// A pure reading of the log: server, analyst's store and auditor come to the same judgement.
package struct BatchJudge: Sendable {
  package var schema: Schema

  package init(schema: Schema) { self.schema = schema }

  /// The judgement at the leaf after `view`, whose time is `leafTime` (milliseconds since 1970).
  ///
  /// Throws ``Refusal``, or what the view throws.
  package func judge<View: LogView>(
    _ batch: ReceivedBatch, at view: View, leafTime: Int64
  ) throws -> Judgement {
    let header = batch.header
    try checkWorkspace(batch, view)
    let key = try signingKey(of: batch, view)
    // A name costs a look through the members, and only refusals tell it.
    func author() -> String { view.membership.analyst(of: header.replica) }
    do throws(Refusal) {
      try batch.verifySignature(by: key)
    } catch {
      throw Refusal(
        error.code, error.counter, "the batch is not signed with the key of \(author())")
    }
    let known = try knownCount(of: batch, view)
    if known == batch.changes.count {
      return Judgement(
        batch: batch, fresh: [],
        knownLeaf: try view.leafIndex(of: Dot(header.replica, header.last)),
        membership: view.membership, type: .edit)
    }
    guard view.membership.replica(header.replica)?.isRevoked != true else {
      throw Refusal(.revoked, nil, "this device of \(author()) has been revoked")
    }
    if view.membership.member(of: header.replica)?.isRevoked == true {
      throw Refusal(.revoked, nil, "\(author()) has been revoked")
    }
    let fresh = try decode(Array(batch.changes.dropFirst(known)), of: batch, view)
    var judgement = Judgement(
      batch: batch, fresh: fresh, knownLeaf: nil, membership: view.membership, type: .edit)
    try judgeActs(&judgement, view, leafTime)
    try judgeEdits(fresh, header.replica, view)
    return judgement
  }

  private func checkWorkspace<View: LogView>(_ batch: ReceivedBatch, _ view: View)
    throws(Refusal)
  {
    let header = batch.header
    let genesis = view.treeSize == 0 ? batch.changes.first : nil
    let made = genesis.map { workspaceID(genesisSkeleton: $0.skeletonBytes) }
    // Whoever was given a workspace takes no other, whatever the genesis itself says (ruling 32).
    if let made, let given = view.workspace, made != given {
      throw Refusal(
        .wrongWorkspace, nil,
        "the log begins workspace \(made.hex.prefix(8))…, and this is \(given.hex.prefix(8))…")
    }
    guard header.workspace == made ?? view.workspace else {
      throw Refusal(
        .wrongWorkspace, nil, "the batch is of workspace \(header.workspace.hex.prefix(8))…")
    }
    guard header.epoch == 1 else {
      throw Refusal(.wrongEpoch, nil, "the log is in epoch 1, the batch in \(header.epoch)")
    }
    guard header.rules == mergeRulesVersion else {
      throw Refusal(
        .unknownRules, nil, "rules \(mergeRulesVersion) are active, not \(header.rules)")
    }
    guard !header.hasUnknownParts else {
      throw Refusal(.unknownOperation, nil, "the batch's header is of a newer version: upgrade")
    }
  }

  /// The author's key: enrolled, or brought by the act that is the batch's first change.
  private func signingKey<View: LogView>(of batch: ReceivedBatch, _ view: View)
    throws(Refusal) -> [UInt8]
  {
    if let replica = view.membership.replica(batch.header.replica) { return replica.key }
    guard batch.header.first == 1 else {
      // Its enrolment may come later: another batch of the same request, or somebody else's mail.
      throw Refusal(
        .predecessorMissing, batch.header.first,
        "the log lacks the enrolment of device \(batch.header.replica.hex.prefix(8))…, whose changes "
          + "begin at \(batch.header.first.rawValue)")
    }
    guard let first = batch.changes.first, first.skeleton.hasAct else {
      throw Refusal(
        .unknownReplica, nil, "device \(batch.header.replica.hex.prefix(8))… is not enrolled")
    }
    let key: [UInt8]? =
      switch first.skeleton.act.act {
      case .genesis(let genesis): genesis.key.array
      case .enrolment(let enrolment): enrolment.key.array
      default: nil
      }
    guard let key, ReplicaID(publicKey: key) == batch.header.replica else {
      throw Refusal(.badCertificate, 1, "the first change does not bring the replica's key")
    }
    return key
  }

  /// How many of the batch's changes the log has (ruling 21).
  private func knownCount<View: LogView>(of batch: ReceivedBatch, _ view: View) throws -> Int {
    let header = batch.header
    let head = try view.chainHead(of: header.replica)
    let logged = head?.counter ?? 0
    guard header.first <= logged.next else {
      throw Refusal(
        .predecessorMissing, header.first,
        "the log has the changes of \(view.membership.analyst(of: header.replica)) up to number "
          + "\(logged.rawValue), and these begin at \(header.first.rawValue): what lies between is "
          + "missing")
    }
    let before = Counter(header.first.rawValue - 1)
    let previous = before == 0 ? .zero : try view.chainHash(at: Dot(header.replica, before))
    guard previous == header.previous else {
      throw Refusal(.fork, header.first, "the log has another change before this one")
    }
    let known = batch.changes.prefix { $0.dot.counter <= logged }
    if let last = known.last, try view.chainHash(at: last.dot) != last.chain {
      throw Refusal(.fork, last.dot.counter, "the log has another change under this dot")
    }
    return known.count
  }
}

// MARK: - Contexts

extension BatchJudge {
  private func decode<View: LogView>(
    _ changes: [ReceivedChange], of batch: ReceivedBatch, _ view: View
  ) throws -> [DecodedChange] {
    let header = batch.header
    var inherited = try view.chainHead(of: header.replica)?.context ?? .empty
    var checked = inherited
    var decoded: [DecodedChange] = []
    for received in changes {
      try checkContents(of: received)
      let change = try DecodedChange(received, after: inherited, schema: schema)
      for context in [change.context, change.chainContext] where context != checked {
        try check(context, received.dot.counter, view)
        checked = context
      }
      inherited = change.chainContext
      decoded.append(change)
    }
    guard header.context == inherited else {
      throw Refusal(.badContext, header.last, "the header's context is not the last change's")
    }
    try checkCheckpoint(of: batch, view)
    return decoded
  }

  /// Contents travel beside what is signed, so whoever carries a batch could leave one out; only a
  /// withdrawal in the log allows that (ruling 23), and these rules have none.
  private func checkContents(of received: ReceivedChange) throws(Refusal) {
    guard received.contents.allSatisfy({ $0.value != nil }) else {
      throw Refusal(
        .malformed, received.dot.counter, "a content is left out, and no withdrawal allows it")
    }
  }

  /// Every context's root is checked against the tree (ruling 5).
  private func check<View: LogView>(
    _ context: SignedContext, _ counter: Counter, _ view: View
  ) throws {
    guard context.epoch == 1 else {
      throw Refusal(.badContext, counter, "the context is of epoch \(context.epoch), the log of 1")
    }
    guard context.treeSize <= view.treeSize else {
      throw Refusal(
        .contextMissing, counter,
        "the context has \(context.treeSize) leaves, the log \(view.treeSize)")
    }
    guard context.treeSize > 0 else { return }
    guard try view.root(ofSize: context.treeSize) == context.root else {
      throw Refusal(
        .badContext, counter, "the context's root at \(context.treeSize) is not this log's")
    }
  }

  /// The signed checkpoint of the context travels with the batch, so that a forked log shows.
  private func checkCheckpoint<View: LogView>(of batch: ReceivedBatch, _ view: View) throws {
    let context = batch.header.context
    guard context.treeSize > 0 else { return }
    guard let key = view.logKey,
      let signed = try? SignedCheckpoint(
        opening: batch.checkpoint, origin: key.name.line, logKey: key),
      signed.checkpoint.size.rawValue == context.treeSize,
      Digest256(signed.checkpoint.root.bytes) == context.root
    else {
      throw Refusal(
        .badContext, batch.header.last, "the batch lacks the signed checkpoint of its context")
    }
  }
}

// MARK: - Acts and edits

extension BatchJudge {
  /// A membership act stands alone in its batch, and is judged where it stands.
  private func judgeActs<View: LogView>(
    _ judgement: inout Judgement, _ view: View, _ leafTime: Int64
  ) throws {
    let header = judgement.batch.header
    let changes = judgement.batch.changes
    guard changes.count == 1 || changes.allSatisfy({ !$0.skeleton.hasAct }) else {
      throw Refusal(.badOperation, header.first, "a membership act is alone in its batch")
    }
    guard let act = judgement.fresh.compactMap(\.act).first else {
      guard view.treeSize > 0 else {
        throw Refusal(.badOperation, 1, "the first leaf is the genesis")
      }
      return
    }
    judgement.type = LeafType(act)
    guard (judgement.type == .genesis) == (view.treeSize == 0),
      (header.first == 1) == (judgement.type == .genesis || judgement.type == .enrol)
    else {
      throw Refusal(
        .badOperation, header.first, "an enrolment is a replica's first change, and only that")
    }
    let context = ActContext(
      workspace: header.workspace, author: header.replica, leafIndex: view.treeSize,
      leafTime: leafTime)
    try judgement.membership.apply(act, at: context) { try view.chainHash(at: $0) }
  }

  private func judgeEdits<View: LogView>(
    _ fresh: [DecodedChange], _ replica: ReplicaID, _ view: View
  ) throws {
    guard let edit = fresh.first(where: { $0.act == nil }) else { return }
    guard let author = view.membership.member(of: replica) else {
      throw Refusal(.unknownReplica, nil, "device \(replica.hex.prefix(8))… is not enrolled")
    }
    try author.checkMayEdit(at: edit.received.dot.counter)
    let lineage = view.membership.lineage(of: replica)
    let sharers = view.membership.replicas(sharingMemberWith: replica)
    for change in fresh {
      let counter = change.received.dot.counter
      if let origin = change.reissueOf, lineage[origin.replica] == 0,
        view.membership.replica(origin.replica) != nil
      {
        throw Refusal(
          .notPermitted, counter, "a reissue is of the author's own lineage, not of \(origin)")
      }
      try change.checkUndone(in: view, placedBy: sharers) { undone in
        fresh.contains { $0.identity == undone && $0.received.dot.counter < counter }
      }
      for operation in change.operations {
        guard let against = operation.against else { continue }
        try check(against, of: change, replica, lineage, view)
      }
    }
  }

  /// An explicit clock is nowhere above what the context covers (ruling 3).
  private func check<View: LogView>(
    _ against: VectorClock, of change: DecodedChange, _ replica: ReplicaID,
    _ lineage: VersionVector, _ view: View
  ) throws {
    let counter = change.received.dot.counter
    for dot in against.entries {
      if dot.replica == replica, dot.counter < counter { continue }
      if lineage.contains(dot) { continue }
      let size = change.context.treeSize
      guard try view.highestCounter(of: dot.replica, inFirst: size) >= dot.counter else {
        throw Refusal(.badAgainst, counter, "the clock holds \(dot), which its context does not")
      }
    }
  }
}

extension DecodedChange {
  /// A change takes back one that stands before it, of the same member (ruling 29); what it brings back
  /// is judged when it is merged.
  ///
  /// - Parameters:
  ///   - replicas: those of the author's member.
  ///   - isEarlier: whether a change that the log lacks comes before this one, from the same replica.
  package func checkUndone<View: LogView>(
    in view: View, placedBy replicas: Set<ReplicaID>, orAfter isEarlier: (ChangeIdentity) -> Bool
  ) throws {
    guard let undone = undoes, !isEarlier(undone) else { return }
    let counter = received.dot.counter
    guard let placing = try view.carriers(of: undone).first else {
      throw Refusal(.badOperation, counter, "the change that it undoes is not in the log")
    }
    guard replicas.contains(placing.dot.replica) else {
      throw Refusal(.notPermitted, counter, "a change is taken back by its own author alone")
    }
  }
}
