import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import Testing

/// What a session holds is bounded, whatever a server sends.
struct ExchangeBoundTests {
  private let workspace = DomainHash.plain([1]).bytes

  private func frame(_ fill: (inout WireResponseFrame) -> Void) throws -> [UInt8] {
    var frame = WireResponseFrame()
    fill(&frame)
    return framed(try frame.serializedBytes())
  }

  /// A session that has been welcomed.
  private func session(_ mode: ExchangeMode, batches: Int = 0) throws -> ExchangeSession {
    var session = ExchangeSession(
      mode: mode, workspace: workspace, context: .empty, checkpoint: [], claim: [],
      batches: [[UInt8]](repeating: [1], count: batches))
    _ = try session.receive(
      frame {
        $0.welcome.protocol = exchangeProtocolVersion
        $0.welcome.workspace = Data(workspace)
      })
    return session
  }

  private func entry(_ index: Int, bytes: Int = 1) throws -> [UInt8] {
    try frame {
      $0.entry.index = UInt64(index)
      $0.entry.leaf = Data([1])
      $0.entry.batch = Data(repeating: 2, count: bytes)
    }
  }

  private func checkpoint() throws -> [UInt8] { try frame { $0.checkpoint = Data([7]) } }

  private func send(_ frames: [[UInt8]], to session: inout ExchangeSession)
    -> ExchangeSession.Failure?
  {
    do throws(ExchangeSession.Failure) {
      for frame in frames { _ = try session.receive(frame) }
      return nil
    } catch {
      return error
    }
  }

  @Test("so many entries may come before a checkpoint, and after it again", arguments: [0, 1])
  func entries(past: Int) throws {
    var session = try session(.pull)
    let count = Limits.responseEntriesMax
    let first = try (0..<count).map { try entry($0) } + [checkpoint()]
    #expect(send(first, to: &session) == nil)
    let second = try (count..<2 * count + past).map { try entry($0) }
    #expect(send(second, to: &session) == (past == 0 ? nil : .tooMuch))
  }

  @Test("so many bytes may come before a checkpoint", arguments: [0, 1])
  func bytes(past: Int) throws {
    var session = try session(.pull)
    var frames = try (0..<3).map { try entry($0, bytes: 2 << 20) }
    let room = try Limits.responseBytesMax - frames.reduce(0) { try $0 + length(of: $1) }
    // The last frame's own fields take as much as those of another of nearly its size.
    let fields = try length(of: entry(3, bytes: room)) - room
    frames.append(try entry(3, bytes: room - fields + past))
    #expect(send(frames, to: &session) == (past == 0 ? nil : .tooMuch))
  }

  /// The bytes of a frame without its length.
  private func length(of framed: [UInt8]) throws -> Int {
    var reader = FrameReader()
    reader.append(framed)
    return try #require(try reader.next()).count
  }

  @Test("outcomes together have so many bytes")
  func outcomes() throws {
    let size = 2 << 20
    var session = try session(.sync, batches: 5)
    let frames = try (0..<5).map { index in
      try frame {
        $0.outcome.batch = UInt32(index)
        $0.outcome.refused.code = Refusal.Code.fork.rawValue
        $0.outcome.refused.evidence = Data(repeating: 1, count: size)
      }
    }
    #expect(send(Array(frames.prefix(3)), to: &session) == nil)
    #expect(send(Array(frames.suffix(2)), to: &session) == .tooMuch)
  }

  @Test("a checkpoint that covers nothing new is no part of an answer")
  func endlessCheckpoints() throws {
    var session = try session(.pull)
    let frames = try [checkpoint(), entry(0), checkpoint(), checkpoint()]
    guard case .unexpected = send(frames, to: &session) else {
      Issue.record("an answer may repeat its checkpoint for ever")
      return
    }
  }
}
