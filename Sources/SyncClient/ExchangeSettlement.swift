import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

// What follows from a round's outcomes: what is acknowledged, kept aside, tried again.

extension ExchangeRun {
  /// Carries out the outcomes; returns whether another round has something to do.
  mutating func settle(_ round: ExchangeRound) throws -> Bool {
    var quarantined: [Dot: Refusal] = [:]
    var waiting: Refusal?
    var accepted = 0
    for (index, result) in round.outcomes where index < round.outgoing.batches.count {
      let batch = round.outgoing.batches[index]
      switch result {
      case .accepted:
        accepted += 1
        outcome.pushedChanges += batch.changeCount
      case .refused(let refusal, let evidence):
        if !evidence.isEmpty {
          try workspace.keepEvidence(
            "dot taken: \(refusal.detail)", ours: batch.bytes, theirs: evidence)
        }
        switch try disposition(of: refusal, batch) {
        case .keepAside(let dot): quarantined[dot] = refusal
        case .wait: waiting = waiting ?? refusal
        case .settled: break
        }
      }
    }
    try settleMail(round)
    if !quarantined.isEmpty {
      quarantined = try workspace.quarantine(quarantined)
      outcome.refusedChanges += quarantined.count
      outcome.refusals += quarantined.sorted { $0.key < $1.key }
        .map { RefusedChange(dot: $0.key, refusal: $0.value) }
    }
    return try wantsAnother(after: round, hasAccepted: accepted > 0, waiting)
  }

  /// Whether another round has something to do; it has only where this one changed something, which is
  /// judged by what the store holds, not by what the server says.
  private mutating func wantsAnother(
    after round: ExchangeRound, hasAccepted: Bool, _ waiting: Refusal?
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
    if try hasMailToSend() { return true }
    let hasAdvanced = now.hasAdvanced(since: before)
    if let waiting, !hasAdvanced { throw SyncFailure.retryLater(waiting.detail) }
    guard hasAdvanced || !hasAccepted else {
      throw SyncFailure.proof("the server says that it took changes in, and its log lacks them")
    }
    return hasAdvanced && pending > 0
  }

  /// Whether mail is left that was not sent yet, or that waited for other mail which the log has now.
  private mutating func hasMailToSend() throws -> Bool {
    if try workspace.read({ try $0.hasMail(after: mailSent) }) { return true }
    guard isMailTaken, try workspace.read({ try $0.hasMail() }) else { return false }
    (mailSent, isMailTaken) = (0, false)
    return true
  }

  private enum Disposition {
    /// Out of the state, and the rest is brought again.
    case keepAside(Dot)
    /// It may be accepted once something else is in the log.
    case wait
    /// Nothing to do: what the pull brought has settled it, or will.
    case settled
  }

  private func disposition(of refusal: Refusal, _ batch: OutgoingBatch) throws -> Disposition {
    switch refusal.code {
    case .predecessorMissing, .contextMissing: return .wait
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
      let counter = refusal.counter ?? batch.first
      guard (batch.first...batch.last).contains(counter) else {
        throw SyncFailure.proof(
          "the server refuses change \(counter.rawValue), which its batch does not have")
      }
      return .keepAside(Dot(batch.replica, counter))
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
        outcome.refusedMail.append(RefusedMail(replica: author, refusal: refusal))
      case .accepted: isMailTaken = true
      }
      done.append(carried)
    }
    try workspace.forgetMail(done)
    mailSent = round.outgoing.mail.last?.sequence ?? mailSent
  }
}
