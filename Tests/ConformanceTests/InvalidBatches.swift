import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog

extension BatchVectorTests {
  /// Every refusal that one batch can meet after the desk's log, each by a batch of its own.
  func invalid(_ desk: Desk) throws -> [InvalidCase] {
    var cases = try alterations(desk) + changes(desk) + undone(desk) + members(desk)
    cases.append(("bytes that are no batch", [0xFF], .malformed))
    return cases.map {
      InvalidCase(name: $0.0, bytes: Base64.encode($0.1), error: $0.2.rawValue)
    }
  }

  private typealias Case = (String, [UInt8], Refusal.Code)

  /// One good batch with something of it altered.
  private func alterations(_ desk: Desk) throws -> [Case] {
    var omar = desk.omar
    omar.make(try creation(2, note: "x"), in: desk.log.context)
    let batch = try desk.sealed(&omar)
    func altered(_ change: (inout WireBatch) throws -> Void) throws -> [UInt8] {
      var wire = try WireBatch(serializedBytes: batch)
      try change(&wire)
      return try wire.serializedBytes()
    }
    func resigned(_ change: (inout WireBatchHeader) -> Void) throws -> [UInt8] {
      try altered { wire in
        var header = try WireBatchHeader(serializedBytes: wire.header)
        change(&header)
        wire.header = try header.serializedBytes()
        wire.signature = try omar.key.signature(
          for: Array("hashiya/v1/batch-signature\0".utf8) + wire.header)
      }
    }
    let commitment = try ReceivedBatch(decoding: batch).changes[0].contents[0].commitment
    return [
      ("a wrong signature", try altered { $0.signature[0] ^= 1 }, .badSignature),
      ("an altered skeleton", try altered { $0.changes[0].skeleton[3] ^= 1 }, .badChain),
      ("an altered content", try altered { $0.changes[0].contents[0].value[0] ^= 1 }, .badChain),
      ("another seed", try altered { $0.seeds[0].seed[0] ^= 1 }, .badChain),
      ("no seed", try altered { $0.seeds = [] }, .malformed),
      (
        "a seed that nothing needs",
        try altered { wire in
          var seed = WireSeed()
          seed.block = 7
          seed.seed = Data(repeating: 1, count: 32)
          wire.seeds.append(seed)
        }, .malformed
      ),
      (
        "an unknown field outside of what is signed",
        try altered { try $0.merge(serializedBytes: [0xF8, 0x3F, 0x01] as [UInt8]) },
        .unknownOperation
      ),
      (
        "a content left out without a withdrawal",
        try altered { wire in
          wire.changes[0].contents[0] = WireContent()
          wire.changes[0].contents[0].commitment = Data(commitment.bytes)
        }, .malformed
      ),
      (
        "a field that stands twice outside of what is signed",
        [0x0A] + framed([UInt8](try WireBatch(serializedBytes: batch).header)) + batch, .malformed
      ),
      ("no checkpoint", try altered { $0.checkpoint = Data() }, .badContext),
      ("a wrong chain hash in the header", try resigned { $0.chain[0] ^= 1 }, .badChain),
      ("another count in the header", try resigned { $0.last += 1 }, .malformed),
      ("a first change of number 0", try resigned { $0.first = 0 }, .malformed),
      ("a last change over 2⁶³ − 1", try resigned { $0.last = 1 << 63 }, .malformed),
      ("over 1,000 changes in the header", try resigned { $0.last += 1_000 }, .overLimit),
      ("another workspace", try resigned { $0.workspace[0] ^= 1 }, .wrongWorkspace),
      ("another epoch", try resigned { $0.epoch = 2 }, .wrongEpoch),
      ("other rules", try resigned { $0.rules = 2 }, .unknownRules),
      (
        "a header's context that is not the last change's",
        try resigned { $0.context.treeSize = 1 },
        .badContext
      ),
    ]
  }

  /// Changes that are sealed as they should be, and wrong in themselves.
  private func changes(_ desk: Desk) throws -> [Case] {
    var cases: [Case] = []
    func add(
      _ name: String, _ code: Refusal.Code, by author: BatchAuthor? = nil,
      _ make: (inout BatchAuthor) throws -> Void
    ) throws {
      var author = author ?? desk.omar
      try make(&author)
      cases.append((name, try desk.sealed(&author), code))
    }
    let context = desk.log.context
    try add("a gap before the first change", .predecessorMissing) { omar in
      omar.make(try rewrite(1, note: "lost"))
      _ = try omar.seal()
      omar.make(try rewrite(1, note: "x"))
    }
    var copy = try BatchAuthor(number: 2, workspace: desk.omar.workspace)
    try copy.enrol(by: Desk.inviteKey(2), in: desk.log.context(ofSize: 2))
    _ = try copy.seal()
    try add("a dot that the log has with other bytes", .fork, by: copy) { omar in
      omar.make(try rewrite(1, note: "other"))
    }
    try add("a context beyond the log", .contextMissing) { omar in
      omar.make(
        try rewrite(1, note: "x"), in: SignedContext(treeSize: 99, root: context.root))
    }
    try add("a context smaller than the one before", .badContext) { omar in
      omar.make(try rewrite(1, note: "x"), in: desk.log.context(ofSize: 1))
    }
    try add("a clock above the context", .badAgainst) { omar in
      let clock = VectorClock([Dot(desk.layla.id, desk.layla.counter)])
      omar.make(try rewrite(1, note: "x", against: clock))
    }
    try add("a clock that does not ascend", .malformed) { omar in
      var operation = WireOperation()
      operation.kind = 2
      operation.id = Data(repeating: 1, count: 16)
      operation.type = .delete
      operation.against.entries = ([2, 1] as [UInt8]).map { number in
        var entry = WireClockEntry()
        entry.replica = Data(repeating: number, count: 16)
        entry.counter = 1
        return entry
      }
      var skeleton = WireSkeleton()
      skeleton.operations = [operation]
      omar.make(skeleton: try skeleton.serializedBytes(), contents: [])
    }
    try add("an unknown kind", .unknownOperation) { omar in
      guard
        let record = RecordID(
          kind: RecordKind(rawValue: 99), bytes: [UInt8](repeating: 1, count: 16))
      else { throw BadVector(text: "record") }
      omar.make([DraftOperation(record, .delete)])
    }
    try add("an unknown field of the skeleton", .unknownOperation) { omar in
      let draft = DraftChange(
        context: nil, time: 1, operations: [DraftOperation(try annotation(1), .delete)])
      omar.make(skeleton: draft.skeleton + [0xF8, 0x3F, 0x01], contents: [])
    }
    try add("an unknown field of the schema", .unknownOperation) { omar in
      omar.make([DraftOperation(try annotation(1), .write(FieldID(rawValue: 99), [1]))])
    }
    try add("a field written twice", .badOperation) { omar in
      omar.make(try rewrite(1, note: "x") + rewrite(1, note: "y"))
    }
    for (name, bytes) in [
      ("without letters", []), ("of 257 bytes", [UInt8](repeating: 0x61, count: 257)),
      ("that is not UTF-8", [0xFF]), ("with a line separator", Array("a\u{2028}b".utf8)),
      ("with a bidi control", Array("a\u{202E}b".utf8)), ("with a control", [0x61, 0x85]),
      ("with a C1 control", Array("a\u{0085}".utf8)),
    ] as [(String, [UInt8])] {
      try add("a label with a name \(name)", .badOperation) { omar in
        omar.make([try Self.label(bytes)], in: context)
      }
    }
    func operation(_ type: WireOperationType, _ change: (inout WireOperation) -> Void) throws
      -> [UInt8]
    {
      var operation = WireOperation()
      operation.kind = 2
      operation.id = Data(repeating: 1, count: 16)
      operation.type = type
      change(&operation)
      var skeleton = WireSkeleton()
      skeleton.operations = [operation]
      return try skeleton.serializedBytes()
    }
    for (type, name) in [
      (.delete, "a delete"), (.restore, "a restore"), (.touch, "a touch"),
    ] as [(WireOperationType, String)] {
      try add("\(name) with a field", .badOperation) { omar in
        omar.make(skeleton: try operation(type) { $0.field = 1 }, contents: [])
      }
    }
    try add("a touch that says that it resolves", .badOperation) { omar in
      omar.make(skeleton: try operation(.touch) { $0.resolution = true }, contents: [])
    }
    try add("a creation that touches nothing", .badOperation) { omar in
      omar.make([DraftOperation(try annotation(9), .create(nil))])
    }
    return cases
  }

  /// What may not be taken back, or not so.
  private func undone(_ desk: Desk) throws -> [Case] {
    let undone = try Undone(desk)
    var cases: [Case] = []
    func add(
      _ name: String, _ code: Refusal.Code, by author: BatchAuthor? = nil,
      undoing: ChangeIdentity? = nil, _ operations: DraftOperation...
    ) throws {
      var author = author ?? desk.layla
      author.make(operations, in: desk.log.context, undoing: undoing)
      cases.append((name, try desk.sealed(&author), code))
    }
    let decision = undone.decision
    try add("citing without undoing", .badOperation, undone.back())
    try add(
      "another's decision taken back", .notPermitted, by: desk.omar, undoing: decision,
      undone.back())
    let unknown = ChangeIdentity(origin: decision.origin, chainHash: .zero)
    try add("a change taken back that is not there", .badOperation, undoing: unknown, undone.back())
    for cited in undone.taken {
      let whose = cited.origin.replica == desk.omar.id ? "Omar's" : "Layla's"
      try add(
        "only \(whose) value brought back", .badOperation, undoing: decision, undone.back([cited]))
    }
    try add(
      "a value brought back that the decision did not take", .badOperation, undoing: decision,
      undone.back((undone.taken + [decision]).sorted()))
    try add(
      "names that do not ascend", .malformed, undoing: decision,
      undone.back(undone.taken.reversed()))
    try add(
      "citing against a clock", .badOperation, undoing: decision,
      undone.back(against: VectorClock()))
    try add(
      "another field's value brought back", .badOperation, undoing: decision,
      DraftOperation(try annotation(1), .writeBack(AnnotationField.label, undone.taken)))
    for (name, place) in [
      ("an element brought back by an operation that removed none", 0),
      ("a place beyond a change's operations", Limits.changeOperationsMax),
    ] {
      try add(
        name, .badOperation, undoing: decision,
        DraftOperation(
          try annotation(1), .addBack(AnnotationField.tags, undone: place, undone.taken)))
    }
    let many = (1...Limits.citesMax + 1).map {
      ChangeIdentity(origin: Dot(desk.omar.id, Counter(UInt64($0))), chainHash: .zero)
    }
    try add(
      "more values brought back than may stand side by side", .overLimit, undoing: decision,
      undone.back(many))
    return cases
  }

  /// Keys that anybody could sign for, or that two programs may read differently.
  private static let unsoundKeys: [(String, [UInt8])] = [
    ("a key of order 1", [1] + [UInt8](repeating: 0, count: 31)),
    ("a key of order 4", [UInt8](repeating: 0, count: 32)),
    ("a key of order 2", [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]),
    ("a key that is not reduced", [0xEE] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]),
  ]

  /// What its author may not do.
  private func members(_ desk: Desk) throws -> [Case] {
    var cases: [Case] = []
    func add(
      _ name: String, _ code: Refusal.Code, by author: BatchAuthor,
      _ make: (inout BatchAuthor) throws -> Void
    ) throws {
      var author = author
      try make(&author)
      cases.append((name, try desk.sealed(&author), code))
    }
    func role(_ member: UInt8, _ role: WireRole) -> WireAct {
      var act = WireAct()
      act.roleChange.member = Data(repeating: member, count: 16)
      act.roleChange.role = role
      return act
    }
    let stranger = try BatchAuthor(number: 9, workspace: desk.omar.workspace)
    try add("an auditor's edit", .notPermitted, by: desk.nadia) {
      $0.make(try rewrite(1, note: "x"))
    }
    try add("an annotator's act", .notPermitted, by: desk.omar) { $0.make(role(2, .admin)) }
    try add("a stranger's edit", .unknownReplica, by: stranger) {
      $0.make(try rewrite(1, note: "x"))
    }
    try add("the demotion of the last admin", .lastAdmin, by: desk.layla) {
      $0.make(role(1, .annotator))
    }
    try add("an act on nobody", .unknownMember, by: desk.layla) { $0.make(role(9, .admin)) }
    try add("an act beside an edit", .badOperation, by: desk.layla) { layla in
      layla.make(try rewrite(1, note: "x"))
      layla.make(role(2, .auditor))
    }
    try add("an invite that is spent", .inviteSpent, by: stranger) {
      try $0.enrol(by: Desk.inviteKey(2))
    }
    try add("an invite that was withdrawn", .inviteWithdrawn, by: stranger) {
      try $0.enrol(by: Desk.inviteKey(5))
    }
    try add("the withdrawal of somebody else's invite", .notPermitted, by: desk.omar) {
      $0.make(try Desk.withdrawal(4))
    }
    try add("the withdrawal of an invite that is spent", .badOperation, by: desk.layla) {
      $0.make(try Desk.withdrawal(2))
    }
    try add("the withdrawal of an invite that nobody made", .badOperation, by: desk.layla) {
      $0.make(try Desk.withdrawal(9))
    }
    try add("a device's name with a line break", .badOperation, by: stranger) { author in
      var act = WireAct()
      act.enrolment = try WireEnrolment(
        replicaKey: author.key.publicKey, invite: Desk.inviteKey(4), workspace: author.workspace)
      act.enrolment.device = "a\nb"
      author.make(act)
    }
    try add("an invite that the log does not have", .inviteUnknown, by: stranger) {
      try $0.enrol(by: Desk.inviteKey(9))
    }
    for (name, key) in Self.unsoundKeys {
      try add("an invite of \(name)", .badOperation, by: desk.layla) { layla in
        var act = WireAct()
        act.invite.key = Data(key)
        act.invite.member = Data(repeating: 7, count: 16)
        act.invite.name = "Huda"
        act.invite.role = .annotator
        layla.make(act, in: desk.log.context)
      }
    }
    try add("a successor of another chain", .fork, by: stranger) {
      try $0.succeed(desk.omar, after: desk.omar.counter, chain: .zero)
    }
    try add("a successor of a change that is not logged", .predecessorMissing, by: stranger) {
      try $0.succeed(desk.omar, after: desk.omar.counter.next, chain: .zero)
    }
    try add("a certificate of another key", .badCertificate, by: stranger) { author in
      var act = WireAct()
      act.enrolment = try WireEnrolment(
        replicaKey: author.key.publicKey,
        succession: Succession(predecessor: desk.omar.id, counter: 1, chain: .zero),
        predecessorKey: author.key, workspace: author.workspace)
      author.make(act)
    }
    for counter: UInt64 in [0, 1 << 63, .max] {
      try add("a successor of change \(counter)", .badCertificate, by: stranger) { author in
        var act = WireAct()
        act.enrolment = try WireEnrolment(
          replicaKey: author.key.publicKey,
          succession: Succession(
            predecessor: desk.omar.id, counter: Counter(counter), chain: .zero),
          predecessorKey: desk.omar.key, workspace: author.workspace)
        author.make(act)
      }
    }
    return cases
  }
}
