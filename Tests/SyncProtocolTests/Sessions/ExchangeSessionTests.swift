import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import Testing

struct ExchangeSessionTests {
  private let workspace = DomainHash.plain([1]).bytes
  private let own: [UInt8] = [0x0A, 0x00]

  private func session(_ mode: ExchangeMode, batches: Int = 0, size: UInt64 = 0)
    -> ExchangeSession
  {
    ExchangeSession(
      mode: mode, workspace: workspace,
      context: size == 0 ? .empty : SignedContext(treeSize: size, root: .zero), checkpoint: [],
      claim: [], batches: [[UInt8]](repeating: own, count: batches))
  }

  private func frame(_ fill: (inout WireResponseFrame) -> Void) throws -> [UInt8] {
    var frame = WireResponseFrame()
    fill(&frame)
    return framed(try frame.serializedBytes())
  }

  private func welcome(version: UInt32 = 1, workspace: [UInt8]? = nil) throws -> [UInt8] {
    try frame {
      $0.welcome.protocol = version
      $0.welcome.workspace = Data(workspace ?? self.workspace)
      $0.welcome.treeSize = 9
    }
  }

  private func outcome(_ index: UInt32) throws -> [UInt8] {
    try frame {
      $0.outcome.batch = index
      $0.outcome.accepted.leafIndex = 3
    }
  }

  private func entry(_ index: UInt64, pushed: UInt32? = nil) throws -> [UInt8] {
    try frame {
      $0.entry.index = index
      $0.entry.leaf = Data([1])
      if let pushed { $0.entry.pushed = pushed } else { $0.entry.batch = Data([2]) }
    }
  }

  private func checkpoint() throws -> [UInt8] { try frame { $0.checkpoint = Data([7]) } }

  private func consistency() throws -> [UInt8] { try frame { $0.consistency.to = 9 } }

  private func end() throws -> [UInt8] { try frame { $0.end = WireEnd() } }

  /// What a session says to a whole response: nil when it is content and complete.
  private func failure(_ session: ExchangeSession, _ frames: [[UInt8]])
    -> ExchangeSession.Failure?
  {
    var session = session
    do throws(ExchangeSession.Failure) {
      for frame in frames { _ = try session.receive(frame) }
    } catch {
      return error
    }
    return session.isComplete ? nil : .unexpected("incomplete")
  }

  @Test("a request is an opening and then each batch")
  func request() throws {
    var reader = FrameReader()
    reader.append(session(.sync, batches: 2).request)
    var frames: [WireRequestFrame] = []
    while let frame = try reader.next() {
      frames.append(try WireRequestFrame(serializedBytes: frame))
    }
    #expect(frames.count == 3)
    #expect(frames[0].opening.mode == .sync)
    #expect(frames[0].opening.protocol == exchangeProtocolVersion)
    #expect(frames[1].batch == Data(own))
  }

  @Test("a response in order is taken, byte by byte as well as at once")
  func inOrder() throws {
    let frames = [
      try welcome(), try outcome(0), try entry(0), try entry(1, pushed: 0), try checkpoint(),
      try entry(2), try checkpoint(), try end(),
    ]
    #expect(failure(session(.sync, batches: 1), frames) == nil)
    #expect(failure(session(.sync, batches: 1), [frames.flatMap { $0 }]) == nil)
    #expect(failure(session(.sync, batches: 1), frames.flatMap { $0 }.map { [$0] }) == nil)
    let push = [try welcome(), try outcome(0), try consistency(), try checkpoint(), try end()]
    #expect(failure(session(.push, batches: 1), push) == nil)
    #expect(failure(session(.pull), [try welcome(), try checkpoint(), try end()]) == nil)
  }

  @Test("entries are handed over with the checkpoint that covers them, own batches filled in")
  func entries() throws {
    var session = session(.sync, batches: 1, size: 4)
    var ingested: [ReceivedEntry] = []
    for frame in [
      try welcome(), try outcome(0), try entry(4), try entry(5, pushed: 0), try checkpoint(),
    ] {
      for action in try session.receive(frame) {
        if case .ingest(let entries, let note) = action {
          ingested += entries
          #expect(note == [7])
        }
      }
    }
    #expect(ingested.map(\.index) == [4, 5])
    #expect(ingested.map(\.batch) == [[2], own])
  }

  @Test("frames out of their order are refused")
  func outOfOrder() throws {
    let bad: [(ExchangeSession, [[UInt8]])] = [
      (session(.sync), [try checkpoint()]),
      (session(.sync), [try welcome(), try welcome()]),
      (session(.sync), [try welcome(), try end()]),
      (session(.sync), [try welcome(), try entry(0), try end()]),
      (session(.sync), [try welcome(), try checkpoint(), try end(), try checkpoint()]),
      (session(.sync), [try welcome(), try consistency()]),
      (session(.pull), [try welcome(), try outcome(0)]),
      (session(.sync, batches: 1), [try welcome(), try outcome(1)]),
      (session(.sync, batches: 1), [try welcome(), try entry(0)]),
      (session(.sync, batches: 1), [try welcome(), try checkpoint()]),
      (session(.sync, batches: 2), [try welcome(), try outcome(0), try checkpoint()]),
      (session(.sync, batches: 2), [try welcome(), try outcome(0), try outcome(0)]),
      (session(.push, batches: 1), [try welcome(), try outcome(0), try end()]),
      (session(.push, batches: 1), [try welcome(), try consistency()]),
      (session(.push), [try welcome(), try entry(0)]),
      (session(.push), [try welcome(), try checkpoint(), try consistency()]),
      (session(.push), [try welcome(), try consistency(), try consistency()]),
      (session(.push), [try welcome(), try checkpoint(), try checkpoint()]),
    ]
    for (index, (session, frames)) in bad.enumerated() {
      guard case .unexpected(let what) = failure(session, frames), what != "incomplete" else {
        Issue.record("case \(index) was accepted")
        continue
      }
    }
  }

  @Test("entries follow each other from where the store stands")
  func entryOrder() throws {
    #expect(
      failure(session(.pull, size: 4), [try welcome(), try entry(5)])
        == .outOfOrder(expected: 4, received: 5))
    #expect(
      failure(session(.pull, size: 4), [try welcome(), try entry(4), try entry(4)])
        == .outOfOrder(expected: 5, received: 4))
  }

  @Test("another protocol or workspace is refused at the welcome")
  func otherServer() throws {
    #expect(failure(session(.sync), [try welcome(version: 2)]) == .otherProtocol(2))
    #expect(failure(session(.sync), [try welcome(workspace: [1])]) == .otherWorkspace)
  }

  @Test("frames that do not decode are refused")
  func undecodable() throws {
    let unknownCode = try frame {
      $0.outcome.batch = 0
      $0.outcome.refused.code = "no-such-code"
    }
    let noOutcome = try frame { $0.outcome.batch = 0 }
    for bytes in [framed([]), framed([0xFF]), unknownCode, noOutcome] {
      #expect(failure(session(.sync, batches: 1), [try welcome(), bytes]) == .undecodable)
    }
    let noBatch = try frame { $0.entry.index = 0 }
    for bytes in [noBatch, try entry(0, pushed: 5)] {
      #expect(failure(session(.sync), [try welcome(), bytes]) == .undecodable)
    }
    #expect(
      failure(session(.sync), [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF]])
        == .frame(.tooLong(UInt64(0xFFF_FFFF))))
  }

  @Test("a response that is cut short is not complete")
  func cutShort() throws {
    let whole = try (welcome() + checkpoint() + end())
    for length in 0..<whole.count {
      var session = session(.pull)
      _ = try session.receive(whole.prefix(length))
      #expect(!session.isComplete)
    }
    var session = session(.pull)
    _ = try session.receive(whole + [0x05])
    #expect(!session.isComplete)
  }

  @Test("every refusal code reads back", arguments: Refusal.Code.allCases)
  func codes(code: Refusal.Code) throws {
    var session = session(.sync, batches: 1)
    _ = try session.receive(welcome())
    let actions = try session.receive(
      frame {
        $0.outcome.batch = 0
        $0.outcome.refused.code = code.rawValue
        $0.outcome.refused.counter = 4
      })
    guard case .outcome(0, .refused(let refusal, _))? = actions.first else {
      Issue.record("no refusal")
      return
    }
    #expect(refusal.code == code)
    #expect(refusal.counter == 4)
  }
}

extension ExchangeSessionTests {
  @Test func `the opening says how large an answer may be`() throws {
    for bytes: UInt64 in [0, 70_000] {
      let session = ExchangeSession(
        mode: .pull, workspace: DomainHash.plain([1]).bytes, context: .empty, checkpoint: [],
        claim: [], batches: [], answerBytes: bytes)
      var reader = FrameReader()
      reader.append(session.request)
      let frame = try WireRequestFrame(serializedBytes: #require(try reader.next()))
      #expect(frame.opening.answerBytes == bytes)
    }
  }
}
