import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

// What follows from a round's outcomes: what is acknowledged, kept aside, tried again.

extension ExchangeRun {
  /// Carries out the outcomes; returns whether another round has something to do.
  mutating func settle(_ round: ExchangeRound) throws -> Bool {
    var quarantined: [Dot: Refusal] = [:]
    var waiting: SyncFailure?
    var accepted = 0
    for (index, result) in round.outcomes where index < round.outgoing.batches.count {
      let batch = round.outgoing.batches[index]
      switch result {
      case .accepted:
        accepted += 1
        outcome.pushedChanges += batch.changeCount
      case .refused(let refusal, _):
        switch try disposition(of: refusal, index, round) {
        case .keepAside(let dot, let own): quarantined[dot] = own
        case .wait(let own): waiting = waiting ?? own
        case .settled: break
        }
      }
    }
    try settleMail(round)
    if try setAside(quarantined, of: round) { return true }
    return try wantsAnother(after: round, hasAccepted: accepted > 0, waiting)
  }

  /// Takes what is refused out of the state; returns whether nothing is, and batches will be cut
  /// where they were not.
  private mutating func setAside(_ refusals: [Dot: Refusal], of round: ExchangeRound) throws -> Bool
  {
    guard !refusals.isEmpty else { return false }
    let single = round.outgoing.batches.filter { $0.changeCount == 1 }
    let aside = try workspace.quarantine(
      refusals, alone: Set(single.map { Dot($0.replica, $0.first) }))
    outcome.refusedChanges += aside.refusals.count
    outcome.refusals += aside.refusals.sorted { $0.key < $1.key }
      .map { RefusedChange(dot: $0.key, refusal: $0.value) }
    guard aside.refusals.isEmpty else { return false }
    // Nothing went, and so nothing counts as advanced; but something else waits to be pushed.
    if aside.undoneAnew > 0 { return true }
    let before = cuts.count
    cuts.formUnion(aside.cuts)
    if cuts.count == before {
      // What bound it was that the changes exceed together is not known here: halves tell.
      for batch in round.outgoing.batches where batch.changeCount > 1 {
        guard refusals.keys.contains(where: { batch.holds($0) }) else { continue }
        let middle = batch.first.rawValue + UInt64(batch.changeCount / 2)
        cuts.insert(Dot(batch.replica, Counter(middle)))
      }
    }
    return cuts.count > before
  }

  /// Whether another round has something to do; it has only where this one changed something, which is
  /// judged by what the store holds, not by what the server says.
  private mutating func wantsAnother(
    after round: ExchangeRound, hasAccepted: Bool, _ waiting: SyncFailure?
  ) throws -> Bool {
    let before = round.outgoing.standing
    let (now, pending) = try workspace.read { reader in
      (try reader.exchangeStanding(), try reader.pendingCount())
    }
    if round.serverHasMore {
      guard now.treeSize > before.treeSize else {
        throw SyncFailure.proof("the server says that it has more leaves, and brings none")
      }
      return true
    }
    guard mode != .pull else { return false }
    let hasAdvanced = now.hasAdvanced(since: before)
    if try hasMailToSend(after: round, hasAdvanced) { return true }
    if let waiting, !hasAdvanced { throw waiting }
    guard hasAdvanced || !hasAccepted else {
      throw SyncFailure.proof("the server says that it took changes in, and its log lacks them")
    }
    return hasAdvanced && pending > 0
  }

  /// Whether mail is left that was not sent yet, or that waited for other mail which the log has now.
  private mutating func hasMailToSend(
    after round: ExchangeRound, _ hasAdvanced: Bool
  ) throws -> Bool {
    if try workspace.read({ try $0.hasMail(after: mailSent) }) {
      // Own batches that wait for something, which may be this mail, must not keep it here.
      isMailTurn = round.outgoing.mail.isEmpty && !hasAdvanced
      return true
    }
    isMailTurn = false
    guard isMailTaken, try workspace.read({ try $0.hasMail() }) else { return false }
    (mailSent, isMailTaken) = (0, false)
    return true
  }

  private enum Disposition {
    /// Out of the state, and the rest is brought again.
    case keepAside(Dot, Refusal)
    /// It may be accepted once something else is in the log, or once the log here tells.
    case wait(SyncFailure)
    /// Nothing to do: what the pull brought has settled it, or will.
    case settled
  }

  /// What follows from a refusal, which the store believes only as far as it comes to the same by the
  /// log that it has (ruling 30): an honest server could be wrong about nothing else.
  private func disposition(
    of refusal: Refusal, _ index: Int, _ round: ExchangeRound
  ) throws -> Disposition {
    let batch = round.outgoing.batches[index]
    let name = try workspace.read { reader in
      try reader.dotText(Dot(batch.replica, refusal.counter ?? batch.first))
    }
    switch try judge(batch.bytes, refusedFor: refusal) {
    // What a push has proved logged is not in the log here yet, and so cannot be judged from; whoever
    // never pulled has nothing to judge by.
    case .refused(let own)
    where try mode == .push && (own.code.isRetryable || workspace.read { $0.log.treeSize } == 0):
      return .wait(.retryLater(untold(refusal, name)))
    case .refused(let own): return try disposition(of: own, batch)
    case .known(let leaf):
      // Another process of this store, or a copy, may have brought it since it was judged: of the
      // leaves that the request named the server had every one.
      guard leaf < round.outgoing.context.treeSize else { return .settled }
      throw SyncFailure.proof(
        "the server refuses your change \(name) (\(refusal.detail)), and leaf \(leaf) of its log "
          + "has it")
    case .acceptable:
      guard try !hasJudgedLog(of: index, round) else {
        throw SyncFailure.proof(
          "the server refuses your change \(name) (\(refusal.detail)), and by its own log nothing is "
            + "wrong with it; it stays pending here")
      }
      guard mode == .push else { return .settled }
      return .wait(.retryLater(untold(refusal, name)))
    }
  }

  /// What a refusal comes to that the log here does not tell to be right or wrong.
  private func untold(_ refusal: Refusal, _ name: String) -> String {
    "the server refuses your change \(name) (\(refusal.detail)): hashiya sync brings the leaves that "
      + "tell whether it is right"
  }

  /// The store's own judgement of a batch that was refused.
  private func judge(_ batch: [UInt8], refusedFor refusal: Refusal) throws -> OwnJudgement {
    // Whether an invite has expired is the server's to say by its clock; that it can expire is not.
    let time =
      refusal.code == .inviteExpired
      ? Timestamp.range.upperBound : workspace.machine.now() + clockOffset * 1_000
    return try workspace.read { try $0.judge(batch, leafTime: time) }
  }

  /// Whether the log here is the one by which the server judged the request's batch `index`: the
  /// leaves that the request named, those that its earlier batches made, and no other.
  ///
  /// Where others' leaves came while the request was taken in, or its later batches made some, the
  /// batch may have been judged before them: another round has it judged by all.
  private func hasJudgedLog(of index: Int, _ round: ExchangeRound) throws -> Bool {
    var own: UInt64 = 0
    for case (let batch, .accepted(_, isKnown: false, _, _)) in round.outcomes where batch < index {
      own += 1
    }
    let judged = round.outgoing.context.treeSize + own
    return try judged == round.serverSize && workspace.read { $0.log.treeSize } == judged
  }

  private func disposition(of refusal: Refusal, _ batch: OutgoingBatch) throws -> Disposition {
    switch refusal.code {
    case .predecessorMissing: return .wait(try gap(before: batch) ?? .retryLater(refusal.detail))
    case .contextMissing: return .wait(.retryLater(refusal.detail))
    case .inviteUnknown:
      throw SyncFailure.retryLater(
        "the server does not have this invite yet: whoever invited must sync first")
    case .fork:
      if mode == .push {
        throw SyncFailure.retryLater(
          "the log has other work under this store's numbers: run `hashiya sync`, which mends it")
      }
      return .settled
    case .inviteSpent, .inviteWithdrawn, .inviteExpired, .badCertificate, .revoked,
      .unknownReplica:
      throw SyncFailure.notPermitted(refusal.detail)
    case .wrongWorkspace, .wrongEpoch, .unknownRules:
      throw SyncFailure.proof(refusal.detail)
    case .malformed, .overLimit, .notPermitted, .badSignature, .badChain, .badContext, .badAgainst,
      .unknownOperation, .badOperation, .lastAdmin, .unknownMember:
      // An enrolment is nobody's work: set aside and brought again, it would be refused again.
      guard batch.first > 1 else { throw SyncFailure.notPermitted(refusal.detail) }
      return .keepAside(Dot(batch.replica, refusal.counter ?? batch.first), refusal)
    }
  }

  /// What it comes to that a batch's own beginning is missing, where waiting brings nothing.
  private func gap(before batch: OutgoingBatch) throws -> SyncFailure? {
    try workspace.read { reader in
      switch try reader.gap(before: batch) {
      case .lost(let first, let last):
        let names = try [first, last].map { try reader.dotText($0) }
        let what = first == last ? names[0] : "\(names[0]) to \(names[1])"
        return .store(
          .corrupt(
            "your changes \(what) are neither here nor in the log, and so what you made after them "
              + "cannot be sent"))
      case .denied(let dot, let leaf):
        return .proof(
          "the server proved that leaf \(leaf) has your change \(try reader.dotText(dot)), and its "
            + "log has another there")
      case nil: return nil
      }
    }
  }

  /// Forgets the mail that the server took or refused for good; the rest is sent again when all other
  /// mail has had its turn.
  private mutating func settleMail(_ round: ExchangeRound) throws {
    let first = round.outgoing.batches.count
    var done: [CarriedBatch] = []
    for (index, result) in round.outcomes where index >= first {
      let carried = round.outgoing.mail[index - first]
      switch result {
      case .refused(let refusal, _) where refusal.code.isRetryable: continue
      case .refused(let refusal, _):
        let author = try ReceivedBatch(decoding: carried.bytes).header.replica
        switch try judge(carried.bytes, refusedFor: refusal) {
        case .known: break
        case .refused(let own) where own.code.isRetryable: continue
        case .refused(let own):
          outcome.refusedMail.append(RefusedMail(replica: author, refusal: own))
        case .acceptable:
          guard try hasJudgedLog(of: index, round) else { continue }
          let name = try workspace.read { try $0.analyst(of: author) }
          throw SyncFailure.proof(
            "the server refuses work of \(name) that you carry (\(refusal.detail)), and by its own log "
              + "nothing is wrong with it; it is kept")
        }
      case .accepted: isMailTaken = true
      }
      done.append(carried)
    }
    try workspace.forgetMail(done)
    mailSent = round.outgoing.mail.last?.sequence ?? mailSent
  }
}
