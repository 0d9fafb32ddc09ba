import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog

/// `batches.json`: a log, and batches that may or may not come next.
struct BatchVectorTests {
  private struct Entry: Codable {
    var time: String
    var leaf: String
    /// The batch, Base 64.
    var batch: String
    /// The merge report whose hash the leaf holds.
    var report: String
    /// The root of the log that ends with this leaf, Base 64.
    var root: String
  }

  private struct Valid: Codable {
    var name: String
    var batch: String
    /// The leaf that it makes; nil when the log has it all.
    var leaf: String?
  }

  private struct File: Codable {
    var logKey: String
    var workspace: String
    var checkpoint: String
    var log: [Entry]
    /// Milliseconds since 1970, of the leaf that would come next.
    var time: Int64
    var valid: [Valid]
    var invalid: [InvalidCase]

    enum CodingKeys: String, CodingKey {
      case logKey = "log_key"
      case workspace, checkpoint, log, time, valid, invalid
    }
  }

  private let time: Int64 = 1_776_159_010_000

  @Test("logs are followed, and batches accepted or refused, as the vectors say")
  func batches() throws {
    let file = try VectorFile<File>(name: "batches.json").read(made: make())
    var log = MemoryLog(signer: try Desk.signer(), schema: AnnotationSchema.schema)
    #expect(log.logKey?.text == file.logKey)
    for entry in file.log {
      try log.follow(leaf: Array(entry.leaf.utf8), batch: base64(entry.batch))
      #expect(String(decoding: log.leaves.last?.reportBytes ?? [], as: UTF8.self) == entry.report)
      #expect(log.tree.root.base64 == entry.root)
    }
    #expect(String(decoding: try log.checkpoint, as: UTF8.self) == file.checkpoint)
    for vector in file.valid {
      #expect(try leaf(appending: base64(vector.batch), to: log) == vector.leaf, "\(vector.name)")
    }
    for vector in file.invalid {
      do {
        _ = try leaf(appending: base64(vector.bytes), to: log)
        Issue.record("\(vector.name) was accepted")
      } catch let refusal as Refusal {
        #expect(refusal.code.rawValue == vector.error, "\(vector.name)")
      }
    }
  }

  private func leaf(appending batch: [UInt8], to log: MemoryLog) throws -> String? {
    var log = log
    guard case .new(let replayed) = try log.append(batch, time: time) else { return nil }
    return String(decoding: replayed.leafBytes, as: UTF8.self)
  }

  private func base64(_ text: String) throws -> [UInt8] {
    guard let bytes = Base64.decode(text) else { throw BadVector(text: text) }
    return bytes
  }

  // MARK: Making

  private func make() throws -> File {
    var desk = try Desk()
    try work(&desk)
    let entries = desk.log.leaves.enumerated().map { index, replayed in
      Entry(
        time: replayed.leaf.time, leaf: String(decoding: replayed.leafBytes, as: UTF8.self),
        batch: Base64.encode(replayed.judgement.batch.bytes),
        report: String(decoding: replayed.reportBytes, as: UTF8.self),
        root: Base64.encode(desk.log.root(ofSize: UInt64(index) + 1).bytes))
    }
    return File(
      logKey: desk.log.logKey?.text ?? "", workspace: desk.layla.workspace.hex,
      checkpoint: String(decoding: try desk.log.checkpoint, as: UTF8.self), log: entries,
      time: time,
      valid: try valid(desk), invalid: try invalid(desk))
  }

  /// Two people write one note apart, and one of them settles it.
  private func work(_ desk: inout Desk) throws {
    desk.layla.make(
      [DraftOperation(article.record, .create(articleBytes))], in: desk.log.context)
    desk.layla.make(try creation(1, note: "أ"))
    try desk.log.append(desk.sealed(&desk.layla), time: 1_776_159_003_000)
    let seen = desk.log.context
    desk.layla.make(try rewrite(1, note: "ب"), in: seen, time: 1_776_159_004_000)
    desk.omar.make(try rewrite(1, note: "ج"), in: seen, time: 1_776_159_004_001)
    try desk.log.append(desk.sealed(&desk.layla), time: 1_776_159_005_000)
    try desk.log.append(desk.sealed(&desk.omar), time: 1_776_159_005_000)
    desk.layla.make(
      [
        DraftOperation(
          try annotation(1), .write(AnnotationField.note, Array("ب".utf8)), reason: "أدق")
      ], in: desk.log.context)
    try desk.log.append(desk.sealed(&desk.layla), time: 1_776_159_006_000)
    // Two invites, of which the second is withdrawn.
    for act in [
      try Desk.invite(4, name: "Huda"), try Desk.invite(5, name: "Sami"), try Desk.withdrawal(5),
    ] {
      desk.layla.make(act, in: desk.log.context)
      try desk.log.append(desk.sealed(&desk.layla), time: 1_776_159_006_000)
    }
  }

  /// The creation of a label under the id that its first name makes, whether or not it may be one.
  static func label(_ name: [UInt8]) throws -> DraftOperation {
    let id = DomainHash.plain(Array("hashiya/label/1\0".utf8) + name).bytes
    guard let record = RecordID(kind: .label, bytes: id) else { throw BadVector(text: "label") }
    return DraftOperation(record, .create(name))
  }

  private func valid(_ desk: Desk) throws -> [Valid] {
    var cases: [(String, [UInt8])] = []
    var omar = desk.omar
    omar.make(try creation(2, note: "حاشية"), in: desk.log.context, time: 1_776_159_007_000)
    omar.make([DraftOperation(try annotation(2), .add(AnnotationField.tags, Array("وسم".utf8)))])
    cases.append(("two changes in a new context", try desk.sealed(&omar)))
    let known = desk.log.leaves[5].judgement.batch.bytes
    cases.append(("a batch that the log has", known))
    var layla = desk.layla
    var act = WireAct()
    act.roleChange.member = Data(repeating: 2, count: 16)
    act.roleChange.role = .adjudicator
    layla.make(act, in: desk.log.context)
    cases.append(("a membership act", try desk.sealed(&layla)))
    var renamer = desk.omar
    var renaming = WireAct()
    renaming.renaming.member = Data(repeating: 2, count: 16)
    renaming.renaming.name = "عمر"
    renamer.make(renaming, in: desk.log.context)
    cases.append(("a member's new name", try desk.sealed(&renamer)))
    var withdrawer = desk.layla
    withdrawer.make(try Desk.withdrawal(4), in: desk.log.context)
    cases.append(("the withdrawal of an invite", try desk.sealed(&withdrawer)))
    var huda = try BatchAuthor(number: 4, workspace: desk.layla.workspace)
    var enrolment = WireAct()
    enrolment.enrolment = try WireEnrolment(
      replicaKey: huda.key.publicKey, invite: Desk.inviteKey(4), workspace: huda.workspace)
    enrolment.enrolment.device = "هاتف"
    huda.make(enrolment, in: desk.log.context)
    cases.append(("an enrolment with a device's name", try desk.sealed(&huda)))
    var merger = desk.omar
    let (first, second) = (try Self.label([0x61]), try Self.label([0x62]))
    merger.make([first, second], in: desk.log.context)
    merger.make([
      DraftOperation(first.record, .write(LabelField.merged, second.record.bytes))
    ])
    cases.append(("a label merged into another", try desk.sealed(&merger)))
    var next = try BatchAuthor(number: 20, workspace: desk.omar.workspace)
    try next.succeed(
      desk.omar, after: desk.omar.counter, chain: desk.omar.chain, in: desk.log.context)
    cases.append(("the enrolment of a successor", try desk.sealed(&next)))
    var taking = desk.layla
    let undone = try Undone(desk)
    taking.make([try undone.back()], in: desk.log.context, undoing: undone.decision)
    cases.append(("a decision taken back", try desk.sealed(&taking)))
    // A name is judged without any table of Unicode's: U+0558 is assigned to nothing, and the second
    // name is not composed.
    for (text, name) in [("\u{0558}", "an unassigned code point"), ("e\u{0301}", "a decomposed")] {
      var namer = desk.omar
      namer.make([try Self.label(Array(text.utf8))], in: desk.log.context)
      cases.append(("a label with \(name) name", try desk.sealed(&namer)))
    }
    return try cases.map {
      Valid(name: $0.0, batch: Base64.encode($0.1), leaf: try leaf(appending: $0.1, to: desk.log))
    }
  }
}

/// The desk's last decision, and the two values that it took.
struct Undone {
  let decision: ChangeIdentity
  /// Ascending.
  let taken: [ChangeIdentity]

  init(_ desk: Desk) throws {
    let edits = desk.log.leaves.filter { $0.leaf.type == .edit }
    let identities = edits.suffix(3).compactMap { $0.judgement.fresh.last?.identity }
    guard let last = identities.last, identities.count == 3 else { throw BadVector(text: "desk") }
    decision = last
    taken = identities.dropLast().sorted()
  }

  /// What brings back all of it, or only what is given.
  func back(_ cites: [ChangeIdentity]? = nil, against: VectorClock? = nil) throws
    -> DraftOperation
  {
    DraftOperation(
      try annotation(1), .writeBack(AnnotationField.note, cites ?? taken), against: against)
  }
}
