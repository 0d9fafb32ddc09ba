import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

/// The workspace that the vectors are about: Layla founded it, Omar annotates, Nadia audits.
struct Desk {
  var log: MemoryLog
  var layla: BatchAuthor
  var omar: BatchAuthor
  var nadia: BatchAuthor

  init() throws {
    log = MemoryLog(signer: try Self.signer(), schema: AnnotationSchema.schema)
    layla = try BatchAuthor(number: 1)
    layla.found(member: 1, name: "ليلى", time: 1_776_159_000_000)
    try log.append(layla.seal(), time: 1_776_159_000_125)
    omar = try BatchAuthor(number: 2, workspace: layla.workspace)
    nadia = try BatchAuthor(number: 3, workspace: layla.workspace)
    omar = try admit(omar, member: 2, name: "Omar", .annotator)
    nadia = try admit(nadia, member: 3, name: "Nadia", .auditor)
  }

  static func signer() throws -> NoteSigner {
    guard let name = KeyName("example.org/hashiya/desk"),
      let signer = NoteSigner(name: name, seed: [UInt8](repeating: 7, count: 32))
    else { throw BadVector(text: "signer") }
    return signer
  }

  static func inviteKey(_ member: UInt8) throws -> Curve25519.Signing.PrivateKey {
    try Curve25519.Signing.PrivateKey(rawRepresentation: DomainHash.plain([0xEE, member]).bytes)
  }

  /// An invite of a new annotator.
  static func invite(_ member: UInt8, name: String) throws -> WireAct {
    var act = WireAct()
    act.invite.key = try inviteKey(member).publicKey.rawRepresentation
    act.invite.member = Data(repeating: member, count: 16)
    act.invite.name = name
    act.invite.role = .annotator
    return act
  }

  /// The withdrawal of the invite of that member.
  static func withdrawal(_ member: UInt8) throws -> WireAct {
    var act = WireAct()
    act.withdrawal.key = try inviteKey(member).publicKey.rawRepresentation
    return act
  }

  private mutating func admit(
    _ author: BatchAuthor, member: UInt8, name: String, _ role: WireRole
  ) throws -> BatchAuthor {
    let key = try Self.inviteKey(member)
    var act = WireAct()
    act.invite.key = key.publicKey.rawRepresentation
    act.invite.member = Data(repeating: member, count: 16)
    act.invite.name = name
    act.invite.role = role
    layla.make(act, in: log.context)
    try log.append(layla.seal(checkpoint: log.checkpoint), time: 1_776_159_001_000)
    var author = author
    try author.enrol(by: key, in: log.context)
    try log.append(author.seal(checkpoint: log.checkpoint), time: 1_776_159_002_000)
    return author
  }

  /// Seals what `author` has pending under the log's present checkpoint.
  func sealed(_ author: inout BatchAuthor) throws -> [UInt8] {
    let size = min(author.context.treeSize, log.treeSize)
    return try author.seal(checkpoint: log.checkpoint(ofSize: size))
  }
}

/// The annotation whose 16 bytes are all `number`.
func annotation(_ number: UInt8) throws -> RecordID {
  guard let id = RecordID(kind: .annotation, bytes: [UInt8](repeating: number, count: 16)) else {
    throw BadVector(text: "annotation")
  }
  return id
}

/// The article that the vectors annotate.
let articleBytes = Array("\u{FEFF}😀 قَالَ\r\nمتنـاسب\r\n".utf8)
let article = ArticleID(firstVersion: articleBytes)

/// The operations of a new annotation with a note.
func creation(_ number: UInt8, note: String) throws -> [DraftOperation] {
  let record = try annotation(number)
  return [
    DraftOperation(record, .create(nil)),
    DraftOperation(record, .write(AnnotationField.note, Array(note.utf8))),
    DraftOperation(article.record, .touch),
  ]
}

func rewrite(_ number: UInt8, note: String, against: VectorClock? = nil) throws
  -> [DraftOperation]
{
  [
    DraftOperation(
      try annotation(number), .write(AnnotationField.note, Array(note.utf8)), against: against)
  ]
}
