import AnnotationModel
import Auditor
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// Where a store stands, read in one snapshot.
struct StatusView {
  private let identity: WorkspaceIdentity
  private let articles: Int
  private let annotations: Int
  private let pending: Int
  private let refused: Int
  /// The first of the refused changes, a line each.
  private let refusedChanges: [StyledText]
  private let carried: Int
  private let conflicts: Int
  private let digest: String
  private let vector: VersionVector
  private let log: LogHead?
  private let url: String?
  private let acknowledged: Int
  private let lastSync: Int64?
  private let wasInSync: Bool
  private let adminDevices: Int
  private let isAdmin: Bool
  private let isRevoked: Bool
  private let namesakes: [(name: String, members: [Member])]
  private let labelClashes: [LabelClash]
  private let serverRestored: String?
  private let news: [NewsItem]
  private let brought: [BroughtChanges]
  private let evidence: Int
  private let isForkProved: Bool
  private let refusedAnswer: RefusedAnswer?
  private let clockSkew: Int64?
  private let oddDates: [OddDates]

  private static let newsListed = 5
  private static let refusedListed = 10

  init(_ reader: WorkspaceReader) throws {
    identity = try WorkspaceIdentity(reader)
    articles = try reader.liveCount(of: .article)
    annotations = try reader.liveCount(of: .annotation)
    pending = try reader.pendingCount()
    refused = try reader.quarantinedCount()
    let references = References(reader: reader)
    refusedChanges = try reader.quarantined(limit: Self.refusedListed).map { change in
      let what = try HistoryText(change.entry, references).summary
      return PassageText.indentation + what + "  " + StyledText(foreign: change.reason, .dim)
    }
    carried = try reader.mailCount()
    labelClashes = try reader.labelClashes()
    conflicts = try reader.conflictCount() + labelClashes.count
    digest = try reader.stateDigest().hex
    vector = try reader.versionVector()
    log = try reader.logHead()
    url = try reader.setting(.url)
    acknowledged = try reader.exchangeStanding().acknowledged
    lastSync = try reader.setting(.lastSync).flatMap { Int64($0) }
    wasInSync = try reader.setting(.inSync) == "true"
    adminDevices = reader.membership.adminReplicas.count
    isAdmin = reader.membership.adminReplicas.contains { $0.id == reader.replica }
    isRevoked = try reader.isRevoked()
    namesakes = reader.namesakes()
    serverRestored = try reader.setting(.serverRestored)
    news = try reader.news(limit: Self.newsListed)
    brought = try reader.broughtByLastSync()
    evidence = try reader.evidenceCount()
    isForkProved = try reader.isForkProved()
    refusedAnswer = try reader.refusedAnswer()
    clockSkew = try reader.clockSkew()
    oddDates = try reader.log.oddDates()
  }

  /// The JSON shape of `status`.
  var json: JSONValue {
    JSONValue.object(identity.json).adding([
      ("articles", .integer(articles)), ("annotations", .integer(annotations)),
      ("pending_changes", .integer(pending)), ("conflicts", .integer(conflicts)),
      ("state_digest", .string(digest)), ("version_vector", RecordJSON.vector(vector)),
      ("log", RecordJSON.head(log)), ("refused_changes", .integer(refused)),
      ("mail_batches", .integer(carried)),
      ("revoked", .bool(isRevoked)), ("server", JSONValue(url)),
      ("server_restored", JSONValue(serverRestored)),
      ("last_sync", JSONValue(lastSync.map(TimeText.json))),
      ("clock_behind", clockSkew.map { .integer(Int($0)) } ?? .null),
      (
        "news",
        .array(
          brought.map { ["analyst": .string($0.analyst), "changes": .integer($0.count)] })
      ),
      ("namesakes", .array(namesakes.map { .string($0.name) })),
      ("label_clashes", .array(labelClashes.map { .string($0.name) })),
      ("evidence", .integer(evidence)), ("fork", .bool(isForkProved)),
      (
        "refused_answer",
        refusedAnswer.map {
          ["time": .string(TimeText.json($0.time)), "reason": .string($0.reason)]
        } ?? .null
      ),
      ("odd_dates", .array(oddDates.map { JSONValue($0.json) })),
    ])
  }

  /// What people read: each line that asks for something ends in the command to type.
  var lines: [StyledText] {
    var lines: [StyledText] = [
      "\(identity.analyst, .strong)  \(counted(articles, "article")), \(counted(annotations, "annotation"))"
    ]
    if isRevoked {
      lines += [
        StyledText(verbatim: "revoked: the server takes nothing more from this device", .warning),
        "    reading and export go on; an admin can invite you anew, into another folder",
      ]
    }
    lines += syncLines + [conflictLine]
    for clash in labelClashes {
      lines.append(line(LabelClashText.sentence(clash), LabelClashText.command(clash), .warning))
    }
    for group in namesakes {
      lines.append(
        line(
          NamesakeText.sentence(group.name, count: group.members.count),
          NamesakeText.command(group.members), .warning))
    }
    if !brought.isEmpty {
      let parts = brought.map { "\($0.count) by \($0.analyst)" }.joined(separator: ", ")
      lines.append(line("the last news: \(parts)", "hashiya log"))
    }
    for dates in oddDates { lines.append(line("\(dates.words)", "hashiya audit list", .warning)) }
    if !news.isEmpty {
      lines.append("what the store did on its own")
      lines += news.map { "    \(TimeText.short($0.time), .dim)  \($0.text)" }
    }
    if let clockSkew { lines.append(ClockText.warning(clockSkew).styled(.warning)) }
    if log != nil, isAdmin, adminDevices == 1 {
      lines.append(
        line("one device alone can administer this workspace", "hashiya device add", .warning))
    }
    lines.append("state \(String(digest.prefix(8)))…")
    return lines
  }

  /// The lines that concern the exchange alone.
  var syncLines: [StyledText] {
    [evidenceLine, pendingLine].compactMap { $0 } + refusedLines
      + [mailLine, syncLine].compactMap { $0 } + restoredLines
  }

  private var restoredLines: [StyledText] {
    guard let serverRestored else { return [] }
    return [
      StyledText(verbatim: "the server takes nothing in; your work is safe here", .warning)
        + StyledText(verbatim: "   → tell its operator", .dim),
      "    \(serverRestored)",
    ]
  }

  private var evidenceLine: StyledText? {
    guard evidence > 0 else { return nil }
    let what =
      isForkProved
      ? "the server has signed two histories" : "the server has signed what is not true"
    return line(StyledText(verbatim: what, .bad), "hashiya evidence")
  }

  private var pendingLine: StyledText {
    if url == nil {
      return line(
        "\(counted(pending, "change")), not shared with anybody yet", "hashiya publish CODE")
    }
    if pending == 0 {
      guard acknowledged > 0 else { return "nothing pending" }
      return "sent, and the log has it: \(counted(acknowledged, "change"))"
    }
    if isRevoked {
      return line(
        "\(counted(pending, "change")) cannot be sent from this device",
        "hashiya export --format batch", .warning)
    }
    return line("\(counted(pending, "change")) pending", "hashiya sync", .accent)
  }

  private var mailLine: StyledText? {
    guard carried > 0 else { return nil }
    return line(
      "carrying \(counted(carried, "batch", "batches")) of others", "hashiya sync", .accent)
  }

  /// Each refused change once, by what it was to do; of many the first.
  private var refusedLines: [StyledText] {
    guard refused > 0 else { return [] }
    let head = line(
      "refused and kept: \(counted(refused, "change"))", "hashiya quarantine", .warning)
    let rest = refused - refusedChanges.count
    return [head] + refusedChanges + (rest > 0 ? ["    and \(rest) more"] : [])
  }

  private var syncLine: StyledText? {
    guard url != nil else { return nil }
    if let refusedAnswer {
      let when = TimeText.short(refusedAnswer.time)
      return line(
        "what the server sent at \(when) was refused: \(refusedAnswer.reason)", "hashiya sync",
        .warning)
    }
    guard let lastSync else { return line("never synced", "hashiya sync", .warning) }
    let when = TimeText.short(lastSync)
    if isForkProved { return "last sync at \(when), with one of the two histories" }
    if wasInSync, serverRestored == nil { return "in sync with the server at \(when)" }
    if pending == 0, acknowledged > 0 {
      return line("sent at \(when); what is new there comes with the next sync", "hashiya sync")
    }
    return line("last sync at \(when) did not end in sync", "hashiya sync", .warning)
  }

  private var conflictLine: StyledText {
    guard conflicts > 0 else { return "no conflicts" }
    return line("\(counted(conflicts, "conflict"))", "hashiya conflicts", .warning)
  }

  private func line(
    _ what: StyledText, _ command: StyledText, _ style: TextStyle? = nil
  ) -> StyledText {
    (style.map { what.styled($0) } ?? what) + ("   → " + command).styled(.dim)
  }
}
