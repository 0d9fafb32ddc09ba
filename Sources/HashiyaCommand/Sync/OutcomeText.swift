import CommandLineKit
import MergeCore
import SyncClient
import SyncProtocol
import WorkspaceStore

/// What a sync came to, as people and scripts see it.
struct OutcomeText {
  private let outcome: SyncOutcome
  /// The refused changes' dots as people read them, in the order of the refusals.
  private let refusedDots: [String]
  /// Who made the mail that was refused.
  private let mailAuthors: [String]

  /// Reads how the store names what was refused.
  init(_ outcome: SyncOutcome, in workspace: Workspace) throws {
    self.outcome = outcome
    (refusedDots, mailAuthors) = try workspace.query { reader in
      (
        try outcome.refusals.map { try reader.dotText($0.dot) },
        try outcome.refusedMail.map { try reader.analyst(of: $0.replica) }
      )
    }
  }

  /// The JSON shape of `sync`, `push` and `pull`.
  var json: JSONValue {
    let refusals = outcome.refusals.map { refused -> JSONValue in
      [
        "dot": RecordJSON.dot(refused.dot), "code": .string(refused.refusal.code.rawValue),
        "detail": .string(refused.refusal.detail),
      ]
    }
    return [
      "pushed_changes": .integer(outcome.pushedChanges),
      "pulled_changes": .integer(outcome.pulledChanges),
      "refused_changes": .integer(outcome.refusedChanges),
      "bytes_sent": .integer(outcome.bytesSent),
      "bytes_received": .integer(outcome.bytesReceived),
      "round_trips": .integer(outcome.roundTrips),
      "conflicts_opened": .integer(outcome.conflictsOpened),
      "conflicts_closed": .integer(outcome.conflictsClosed),
      "in_sync": .bool(outcome.inSync), "state_digest": .string(outcome.stateDigest.hex),
      "log": RecordJSON.head(outcome.log), "refusals": .array(refusals),
      "refused_mail": .array(
        outcome.refusedMail.map { mail in
          [
            "replica": .string(mail.replica.hex), "code": .string(mail.refusal.code.rawValue),
            "detail": .string(mail.refusal.detail),
          ]
        }),
      "healed_leaves": .integer(outcome.healedLeaves),
      "evidence": .integer(outcome.evidence), "fork": .bool(outcome.isForkProved),
    ]
  }

  /// Two or three lines, and what to type next.
  var lines: [StyledText] {
    var lines: [StyledText] = [
      "\(counted(outcome.pushedChanges, "change")) sent, \(outcome.pulledChanges) received"
    ]
    if outcome.healedLeaves > 0 {
      lines.append(
        "the server had lost leaves of its log; \(outcome.healedLeaves) came back from this store")
    }
    if outcome.conflictsOpened > 0 || outcome.conflictsClosed > 0 {
      var line: StyledText =
        "\(counted(outcome.conflictsOpened, "conflict")) opened, \(outcome.conflictsClosed) closed"
      if outcome.conflictsOpened > 0 {
        line = line.styled(.warning) + StyledText(verbatim: "   → hashiya conflicts", .dim)
      }
      lines.append(line)
    }
    if outcome.evidence > 0 {
      let what =
        outcome.isForkProved
        ? "the server has signed two histories" : "the server has signed what is not true"
      lines.append(
        StyledText(verbatim: what, .bad) + StyledText(verbatim: "   → hashiya evidence", .dim))
    }
    let digest = String(outcome.stateDigest.hex.prefix(8))
    if outcome.inSync {
      lines.append(StyledText(verbatim: "in sync", .good) + ": one state, \(digest)…")
    } else {
      lines.append(
        StyledText(verbatim: "not in sync", .warning)
          + StyledText(verbatim: "   → hashiya sync status --explain", .dim))
    }
    return lines
  }

  /// The failure that a sync ends in when something was refused; nil when nothing was.
  var refusal: CommandFailure? {
    guard outcome.refusedChanges > 0 else { return mailRefusal }
    return CommandFailure(
      .notPermitted,
      "the server refused \(counted(outcome.refusedChanges, "change")); all the rest is done",
      details: zip(refusedDots, outcome.refusals).map { "\($0): \($1.refusal.detail)" },
      remedy: "see hashiya quarantine")
  }

  private var mailRefusal: CommandFailure? {
    guard !outcome.refusedMail.isEmpty else { return nil }
    let batches = counted(outcome.refusedMail.count, "batch", "batches")
    return CommandFailure(
      .notPermitted,
      "the server refused \(batches) that you carried for others; all the rest is done",
      details: zip(mailAuthors, outcome.refusedMail).map { "\($0): \($1.refusal.detail)" },
      remedy: "tell them: their work is dropped here, and still in their own stores")
  }
}

extension OutcomeText {
  /// Prints the outcome, and then fails when something was refused.
  func print(on console: Console) throws {
    if console.isJSON { try console.print(json) } else { try console.print(lines) }
    if let refusal { throw refusal }
  }
}
