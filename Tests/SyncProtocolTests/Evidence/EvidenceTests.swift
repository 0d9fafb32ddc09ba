import AnnotationModel
import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog

@Suite("Evidence convinces a third person, and nothing else does") struct EvidenceTests {
  /// Two histories that part after `shared` leaves, by one key.
  private func fork(_ ours: Int, _ theirs: Int) throws -> (MemoryLog, MemoryLog) {
    var desk = try TestWorkspace()
    for member in 2..<5 { try invite(UInt8(member), &desk, at: 2_000) }
    var other = desk
    for member in 0..<ours { try invite(UInt8(20 + member), &desk, at: 3_000) }
    for member in 0..<theirs { try invite(UInt8(60 + member), &other, at: 3_000) }
    return (desk.log, other.log)
  }

  private func invite(_ member: UInt8, _ desk: inout TestWorkspace, at time: Int64) throws {
    try desk.push(
      inviteAct(try inviteKey(member), member: member, name: "M\(member)", role: .annotator),
      time: time)
  }

  private func signed(_ log: MemoryLog, _ size: UInt64? = nil) throws -> SignedCheckpoint {
    let key = try logSigner().verifierKey
    return try SignedCheckpoint(
      opening: log.checkpoint(ofSize: size ?? log.treeSize), origin: key.name.line, logKey: key)
  }

  private func document(_ content: EvidenceDocument.Content) throws -> EvidenceDocument {
    EvidenceDocument(
      workspace: String(repeating: "0", count: 64), logKey: try logSigner().verifierKey,
      content: content)
  }

  @Test("two histories of any sizes are proved, whoever's tree it is")
  func forks() throws {
    for (ours, theirs) in [(1, 1), (1, 4), (4, 1), (3, 12), (12, 5)] {
      let (one, other) = try fork(ours, theirs)
      let larger = one.treeSize >= other.treeSize ? one : other
      let evidence = try #require(
        try ForkEvidence(signed(one), signed(other), tree: larger.tree), "\(ours), \(theirs)")
      let document = try document(.fork(evidence))
      #expect(try EvidenceDocument(decoding: document.encoded) == document)
      #expect(try document.check().accusation.contains("\(larger.treeSize)"))
    }
  }

  @Test("a log that only grew is accused of nothing, at any size")
  func honest() throws {
    let (log, _) = try fork(9, 0)
    let size = log.treeSize
    for prefix in 1...size {
      #expect(
        try ForkEvidence(signed(log, prefix), signed(log), tree: log.tree) == nil, "\(prefix)")
    }
  }

  @Test("any altered byte of an encoded fork makes it prove nothing")
  func alteredFork() throws {
    let (one, other) = try fork(2, 7)
    let evidence = try #require(try ForkEvidence(signed(one), signed(other), tree: other.tree))
    let bytes = try document(.fork(evidence)).encoded
    var proved = 0
    for index in bytes.indices.dropLast() {
      var altered = bytes
      altered[index] ^= 0x01
      guard let document = try? EvidenceDocument(decoding: altered),
        (try? document.check()) != nil
      else { continue }
      // Only what names the workspace is not covered; nothing that is proved depends on it.
      #expect(document.content == .fork(evidence), "byte \(index)")
      proved += 1
    }
    #expect(proved <= 64)
  }

  @Test("a leaf that states another report is proved to be signed and false, a true one is not")
  func falseLeaf() throws {
    var desk = try TestWorkspace()
    for member in 2..<9 { try invite(UInt8(member), &desk, at: 2_000) }
    let log = desk.log
    let index = 5
    var before = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    for leaf in log.leaves.prefix(index) {
      try before.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
    }
    var leaf = log.leaves[index].leaf
    leaf.report = String(repeating: "0", count: 64)
    for (bytes, isFalse) in [(leaf.encoded, true), (log.leaves[index].leafBytes, false)] {
      let leaves = log.leaves.enumerated().map { $0 == index ? bytes : $1.leafBytes }
      var tree = StoredHashes()
      for leaf in leaves { tree.append(leafHash: MerkleTree.leafHash(leaf)) }
      let checkpoint = Checkpoint(
        origin: try logSigner().verifierKey.name.line, size: tree.size, root: tree.root)
      let evidence = FalseLeafEvidence(
        note: try SignedCheckpoint(signing: checkpoint, by: [logSigner()]).note.encoded,
        index: UInt64(index), leaf: bytes, batch: log.leaves[index].judgement.batch.bytes,
        inclusion: InclusionProof(leaf: LeafIndex(index), size: tree.size, from: tree),
        before: PrefixProof(prefix: TreeSize(index), size: tree.size, from: tree),
        honest: log.leaves[index].leafBytes, reason: "another report")
      let key = try logSigner().verifierKey
      #expect(try evidence.check(logKey: key)?.bytes == before.root(ofSize: UInt64(index)).bytes)
      let document = try document(.falseLeaf(evidence))
      #expect(try EvidenceDocument(decoding: document.encoded) == document)
      let replay = LeafReplay(schema: AnnotationSchema.schema)
      #expect((try evidence.replay(at: before, with: replay) != nil) == isFalse)
      guard case .signed(let what, evidence) = try document.check() else {
        Issue.record("a file alone cannot say that a leaf is false")
        return
      }
      #expect(!what.contains("false") && !what.contains(evidence.reason))
      var other = evidence
      other.batch = log.leaves[index - 1].judgement.batch.bytes
      #expect(throws: EvidenceError.otherBatch) { try other.check(logKey: key) }
      other = evidence
      other.leaf[20] ^= 1
      #expect(throws: EvidenceError.notInTree) { try other.check(logKey: key) }
    }
  }

  @Test("what travels beside the signed part of a batch proves nothing against a server")
  func attachments() throws {
    var desk = try TestWorkspace()
    for member in 2..<4 { try invite(UInt8(member), &desk, at: 2_000) }
    let leaf = desk.log.leaves[2]
    let batch = leaf.judgement.batch.bytes
    let key = try logSigner().verifierKey
    var wire = try WireBatch(serializedBytes: batch)
    wire.signature = Data(repeating: 1, count: 64)
    let unsigned = try [UInt8](wire.serializedData())
    #expect(
      !FalseLeafEvidence.isSigned(
        .refused(Refusal(.badSignature, nil, "")), leaf: leaf.leafBytes, batch: unsigned,
        logKey: key))
    let grown = batch + [0xF8, 0x07, 0x01]
    #expect(
      !FalseLeafEvidence.isSigned(
        .refused(Refusal(.unknownOperation, nil, "")), leaf: leaf.leafBytes, batch: grown,
        logKey: key))
    #expect(
      FalseLeafEvidence.isSigned(
        .refused(Refusal(.notPermitted, nil, "")), leaf: leaf.leafBytes, batch: batch, logKey: key))
  }

  @Test("bytes that are no evidence, or of a newer form, are told apart")
  func undecodable() throws {
    #expect(throws: EvidenceError.undecodable) { try EvidenceDocument(decoding: Array("{}".utf8)) }
    let (one, other) = try fork(1, 1)
    let evidence = try #require(try ForkEvidence(signed(one), signed(other), tree: other.tree))
    let text = String(decoding: try document(.fork(evidence)).encoded, as: UTF8.self)
    let newer = text.replacingOccurrences(of: "hashiya-evidence 1", with: "hashiya-evidence 2")
    #expect(throws: EvidenceError.newerForm) { try EvidenceDocument(decoding: Array(newer.utf8)) }
    let long = [UInt8](repeating: 0x20, count: Limits.evidenceBytesMax + 1)
    #expect(throws: EvidenceError.undecodable) { try EvidenceDocument(decoding: long) }
  }
}
