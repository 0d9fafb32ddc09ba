import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Mail")
struct CarriedMailTests {
  /// Articles of which no two fit into one batch.
  private func addArticles(_ count: Int, to store: Workspace, from first: UInt8 = 0) throws {
    for number in 0..<count {
      let bytes = [UInt8](repeating: UInt8(ascii: "a") + first + UInt8(number), count: 600_000)
      try store.edit {
        _ = try $0.addArticle(bytes: bytes, title: nil, source: nil, file: nil)
      }
    }
  }

  private func carried(_ store: Workspace, after sequence: Int64 = 0) throws -> OutgoingExchange {
    try store.prepareExchange(bytesMax: Limits.requestBytesMax / 2, mailAfter: sequence)
  }

  @Test("own changes and mail share one request's bytes, own ones first, and all mail has its turn")
  func budget() throws {
    let team = try Team()
    try addArticles(16, to: team.omar)
    let bundle = try team.omar.makeBundle(since: 0)
    #expect(try team.nadia.apply(bundle: bundle).mail == 16)
    try addArticles(2, to: team.nadia, from: 20)
    var taken: [[UInt8]] = []
    var last: Int64 = 0
    for _ in 0..<3 {
      let outgoing = try carried(team.nadia, after: last)
      let bytes = outgoing.batches.map(\.bytes) + outgoing.mail.map(\.bytes)
      #expect(outgoing.batches.count == 2)
      #expect(bytes.reduce(0) { $0 + $1.count } <= Limits.requestBytesMax / 2)
      taken += outgoing.mail.map(\.bytes)
      last = outgoing.mail.last?.sequence ?? last
    }
    #expect(taken == (try Bundle(decoding: bundle).pending), "in the order of making")
  }

  @Test("own changes that fill a request leave no room for mail, and the rest of them waits")
  func ownFirst() throws {
    let team = try Team()
    try addArticles(2, to: team.omar)
    #expect(try team.nadia.apply(bundle: team.omar.makeBundle(since: 0)).mail == 2)
    try addArticles(15, to: team.nadia, from: 5)
    let outgoing = try carried(team.nadia)
    #expect((1..<15).contains(outgoing.batches.count))
    #expect(outgoing.mail.isEmpty)
  }

  @Test("a carrier's bundle holds all of its mail")
  func handedOn() throws {
    let team = try Team()
    #expect(try team.nadia.apply(bundle: bundle(of: stray(40), team)).mail == 40)
    let handedOn = try Bundle(decoding: team.nadia.makeBundle(since: 0))
    #expect(handedOn.pending.count == 40)
  }

  @Test("mail that its author did not sign is refused with the whole bundle")
  func unsigned() throws {
    let team = try Team()
    try team.omar.edit { _ = try $0.addLabel("claim") }
    try team.exchange.sync(team.layla)
    var bundle = try Bundle(decoding: team.omar.makeBundle(since: 0))
    var wire = try WireBatch(serializedBytes: bundle.pending[0])
    wire.signature[0] ^= 1
    bundle.pending[0] = try wire.serializedBytes()
    let before = try team.nadia.read { $0.log.treeSize }
    #expect {
      try team.nadia.apply(bundle: bundle.encoded)
    } throws: {
      guard case BundleRefusal.badBatch(let refusal) = $0 else { return false }
      return refusal.code == .badSignature
    }
    #expect(try team.nadia.read { $0.log.treeSize } == before)
    #expect(try carried(team.nadia).mail.isEmpty)
  }

  @Test("a store carries so much mail and no more", arguments: [0, 1])
  func limit(past: Int) throws {
    let team = try Team()
    let bundle = try bundle(of: stray(Limits.mailBatchesMax + past), team)
    guard past > 0 else {
      #expect(try team.nadia.apply(bundle: bundle).mail == Limits.mailBatchesMax)
      return
    }
    #expect {
      try team.nadia.apply(bundle: bundle)
    } throws: {
      guard case BundleRefusal.tooMuchMail(let batches, _) = $0 else { return false }
      return batches == Limits.mailBatchesMax + past
    }
    #expect(try !team.nadia.read { try $0.hasMail() })
  }

  /// Batches of somebody whom no log knows.
  private func stray(_ count: Int) throws -> [[UInt8]] {
    let workspace = try #require(try Team().exchange.log.workspace)
    var author = try BatchAuthor(number: 77, workspace: workspace)
    return try (0..<count).map { _ in
      author.make([DraftOperation(try label(), .delete)])
      return try author.seal()
    }
  }

  private func label() throws -> RecordID {
    try #require(RecordID(kind: .label, bytes: [UInt8](repeating: 1, count: 32)))
  }

  private func bundle(of pending: [[UInt8]], _ team: Team) throws -> [UInt8] {
    let workspace = try #require(team.exchange.log.workspace)
    return Bundle(
      workspace: workspace, from: 0, to: 0, entries: [], checkpoint: [], pending: pending
    ).encoded
  }
}
