import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Synchronization
import Testing
import WorkspaceStore

@testable import SyncServer

/// Requests whose batches take several turns, whose sender leaves, and answers in small pieces.
@Suite struct ExchangeTurnTests {
  private static let now: Int64 = 1_776_159_000_000

  /// Batches that continue each other, none of which needs the one before in the log.
  private func batches(_ count: Int, _ author: inout BatchAuthor, bytes: Int = 1) throws
    -> [[UInt8]]
  {
    try (0..<count).map { number in
      let record = try LabelID(name: "label \(number)").record
      author.make([
        DraftOperation(
          record, .write(LabelField.name, Array(repeating: UInt8(ascii: "x"), count: bytes)))
      ])
      return try author.seal()
    }
  }

  private func request(_ batches: [[UInt8]], mode: ExchangeMode = .sync) -> ExchangeRequest {
    ExchangeRequest(
      opening: ExchangeOpening(mode: mode, context: .empty, checkpoint: [], claim: []),
      batches: batches)
  }

  @Test("a request lets others write between its batches, and its answer is of all of them")
  func turns() throws {
    let server = try TestServer()
    var author = server.founder
    let request = try request(batches(5, &author))
    var run = ExchangeAppending(
      request, try server.hosted.open(request.batches), by: author.id, now: Self.now)
    var sizes: [UInt64] = []
    repeat {
      run = try server.hosted.append(run) { true }
      sizes.append(try server.hosted.log.read { try LogReader($0).signedSize() })
    } while !run.isDone
    #expect(sizes == [2, 3, 4, 5, 6], "each turn is committed and signed")
    let answer = try run.answer()
    #expect(answer.treeSize == 6)
    #expect(answer.outcomes.count == 5)
    #expect(answer.batchByLeaf == [1: 0, 2: 1, 3: 2, 4: 3, 5: 4])
  }

  @Test("a request whose sender is gone stops, and what it had appended is known afterwards")
  func gone() throws {
    let server = try TestServer()
    var author = server.founder
    let request = try request(batches(5, &author))
    let asked = Counting()
    var run = ExchangeAppending(
      request, try server.hosted.open(request.batches), by: author.id, now: Self.now
    ) { asked.next() > 2 }
    #expect(throws: SenderGone.self) {
      while !run.isDone { run = try server.hosted.append(run) { true } }
    }
    #expect(try server.hosted.log.read { try LogReader($0).treeSize } == 3)
    #expect(throws: SenderGone.self) { try server.hosted.open(request.batches) { true } }
    let again = try server.hosted.processExchange(request, by: author.id, now: Self.now)
    #expect(again.treeSize == 6)
  }

  @Test("a signature that does not hold is found before anything is decoded")
  func signatureFirst() throws {
    let server = try TestServer()
    var author = server.founder
    var wire = try WireBatch(serializedBytes: batches(1, &author)[0])
    wire.signature[0] ^= 1
    // Were this decoded, it would be malformed.
    wire.changes[0].contents[0].salt = Data([1])
    let opened = try server.hosted.open([wire.serializedBytes()])
    guard case .refused(let refusal)? = opened.first else { throw TestFault.opened }
    #expect(refusal.code == .badSignature)
  }

  private enum TestFault: Error { case opened }

  @Test("an answer comes in pieces of bounded size, however large a batch is")
  func pieces() throws {
    let server = try TestServer()
    var author = server.founder
    let large = try batches(3, &author, bytes: 900_000)
    let answer = try server.hosted.processExchange(
      request(large), by: author.id, now: Self.now)
    var pulled = answer
    pulled.batchByLeaf = [:]
    pulled.outcomes = []
    var stream = ExchangeAnswerStream(pulled)
    var frames = FrameReader()
    var entries: [WireEntry] = []
    while let piece = try stream.next(from: server.hosted.log) {
      #expect(piece.count <= 2 * ServerLimits.answerPieceBytes)
      frames.append(piece)
      while let frame = try frames.next() {
        if case .entry(let entry)? = try WireResponseFrame(serializedBytes: frame).frame {
          entries.append(entry)
        }
      }
    }
    #expect(frames.isAtBoundary)
    #expect(entries.map(\.index) == [0, 1, 2, 3])
    #expect(entries.dropFirst().map { Array($0.batch) } == large)
  }
}

/// Counts how often it was asked.
private final class Counting: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
