import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import TransparencyLog

/// A workspace in memory: its log, and the founder who may invite others.
struct TestWorkspace {
  var log: MemoryLog
  var founder: BatchAuthor

  init() throws {
    log = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    founder = try BatchAuthor(number: 1)
    founder.found(member: 1, name: "Layla")
    try log.append(founder.seal(), time: 1_000)
  }

  /// Seals what `author` has pending, all under the log's present checkpoint, and appends it.
  @discardableResult
  mutating func push(_ author: inout BatchAuthor, time: Int64 = 2_000) throws -> Appended {
    try log.append(sealed(&author), time: time)
  }

  /// Appends an act of the founder's.
  mutating func push(_ act: WireAct, time: Int64 = 2_000) throws {
    founder.make(act)
    try pushFounder(time: time)
  }

  /// Seals what the founder has pending and appends it.
  mutating func pushFounder(time: Int64 = 2_000) throws {
    var author = founder
    try push(&author, time: time)
    founder = author
  }

  /// Seals what `author` has pending with the checkpoint of its context.
  func sealed(_ author: inout BatchAuthor, _ count: Int? = nil) throws -> [UInt8] {
    let size = author.context.treeSize
    return try author.seal(
      count, checkpoint: size <= log.treeSize ? log.checkpoint(ofSize: size) : [])
  }

  /// Invites a person and enrols the replica of that number.
  mutating func admit(_ number: UInt8, name: String, role: Role = .annotator) throws
    -> BatchAuthor
  {
    let invite = try inviteKey(number)
    try push(inviteAct(invite, member: number, name: name, role: role.wire))
    var author = try BatchAuthor(number: number, workspace: founder.workspace)
    try author.enrol(by: invite)
    try push(&author)
    return author
  }
}

/// The signer of the log that these tests use.
func logSigner() throws -> NoteSigner {
  guard let name = KeyName("example.org/hashiya/desk"),
    let signer = NoteSigner(name: name, seed: [UInt8](repeating: 7, count: 32))
  else { throw TestFailure.fixture }
  return signer
}

enum TestFailure: Error {
  case fixture
}

/// The one-time key of the invite of that number.
func inviteKey(_ number: UInt8) throws -> Curve25519.Signing.PrivateKey {
  try Curve25519.Signing.PrivateKey(rawRepresentation: DomainHash.plain([0xEE, number]).bytes)
}

func inviteAct(
  _ key: Curve25519.Signing.PrivateKey, member: UInt8, name: String, role: WireRole,
  expires: Int64 = 0
) -> WireAct {
  var act = WireAct()
  act.invite.key = key.publicKey.rawRepresentation
  act.invite.member = Data(repeating: member, count: 16)
  act.invite.name = name
  act.invite.role = role
  act.invite.expires = expires
  return act
}

func roleAct(member: UInt8, _ role: WireRole) -> WireAct {
  var act = WireAct()
  act.roleChange.member = Data(repeating: member, count: 16)
  act.roleChange.role = role
  return act
}

func revocation(ofReplica replica: ReplicaID, except: [ReplicaID] = []) -> WireAct {
  var act = WireAct()
  act.revocation.replica = Data(replica.bytes)
  act.revocation.except = except.map { Data($0.bytes) }
  return act
}

func revocation(ofMember member: UInt8) -> WireAct {
  var act = WireAct()
  act.revocation.member = Data(repeating: member, count: 16)
  return act
}

// MARK: - Operations

func annotation(_ number: UInt8) throws -> RecordID {
  guard let id = RecordID(kind: .annotation, bytes: [UInt8](repeating: number, count: 16)) else {
    throw TestFailure.fixture
  }
  return id
}

let articleBytes = Array("واحد\r\n".utf8)
let article = ArticleID(firstVersion: articleBytes).record

/// The creation of an annotation with a note.
func creation(_ number: UInt8, note: String) throws -> [DraftOperation] {
  let record = try annotation(number)
  return [
    DraftOperation(record, .create(nil)),
    DraftOperation(record, .write(AnnotationField.note, Array(note.utf8))),
    DraftOperation(article, .touch),
  ]
}

/// A rewrite of an annotation's note.
func rewrite(_ number: UInt8, note: String, against: VectorClock? = nil) throws
  -> [DraftOperation]
{
  [
    DraftOperation(
      try annotation(number), .write(AnnotationField.note, Array(note.utf8)), against: against)
  ]
}

// MARK: - Refusals

/// The code that `body` is refused with; nil when it is not refused.
func refusalCode(_ body: () throws -> Void) throws -> Refusal.Code? {
  do {
    try body()
    return nil
  } catch let refusal as Refusal {
    return refusal.code
  }
}
