import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import WorkspaceStore

@testable import SyncServer

@Suite struct AnswerSizeTests {
  private func opening(_ answerBytes: UInt64) -> ExchangeOpening {
    ExchangeOpening(
      mode: .pull, context: .empty, checkpoint: [], claim: [], answerBytes: answerBytes)
  }

  @Test func `an answer is as large as asked for, within the server's own limit`() {
    let limit = UInt64(Limits.responseBytesMax)
    #expect(opening(0).answerBytesMax == Limits.responseBytesMax)
    #expect(opening(1).answerBytesMax == 1)
    #expect(opening(limit).answerBytesMax == Limits.responseBytesMax)
    #expect(opening(limit + 1).answerBytesMax == Limits.responseBytesMax)
    #expect(opening(.max).answerBytesMax == Limits.responseBytesMax)
  }

  @Test
  func `an answer ends at the next checkpoint, says that there is more, and always brings some`()
    throws
  {
    let server = try TestServer()
    for _ in 0..<5 { try server.append() }
    let size = try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
    var from: UInt64 = 0
    var answers = 0
    while from < size {
      var answer = try server.exchange([], by: server.founder.id, mode: .pull)
      answer.from = from
      answer.bytesMax = 1
      let (entries, hasMore) = try read(answer, server)
      #expect(entries == [from])
      #expect(hasMore == (from + 1 < size))
      from += UInt64(entries.count)
      answers += 1
    }
    #expect(answers == Int(size))
  }

  /// The indices of the entries in an answer, and whether there are more.
  private func read(_ answer: ExchangeAnswer, _ server: TestServer) throws -> ([UInt64], Bool) {
    var stream = ExchangeAnswerStream(answer)
    var frames = FrameReader()
    var entries: [UInt64] = []
    var isCovered = false
    var hasMore = false
    while let bytes = try stream.next(from: server.hosted.log) { frames.append(bytes) }
    while let frame = try frames.next() {
      switch try WireResponseFrame(serializedBytes: frame).frame {
      case .entry(let entry):
        entries.append(entry.index)
        isCovered = false
      case .checkpoint: isCovered = true
      case .end(let end): hasMore = end.more
      default: break
      }
    }
    #expect(isCovered)
    return (entries, hasMore)
  }
}
