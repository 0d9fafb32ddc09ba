import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncClient
@testable import SyncServer

/// Each field of each frame by which a server gets its leaves back, and of its answers, altered in turn.
@Suite struct HealingLieTests {
  /// A pair whose server has gone back to before what both members hold.
  private final class Restored {
    let pair: Pair
    let leaves: [ReceivedEntry]
    let restored: RestoredServer
    private let clean: String

    init() throws {
      let pair = try Pair()
      self.pair = pair
      let (server, disk) = (pair.server, pair.disk)
      try server.restart { try disk.copy(disk.folder("server"), to: disk.folder("backup")) }
      for note in ["one", "two", "three"] {
        try pair.annotate(pair.omar, note)
        try pair.sync(pair.omar)
      }
      try pair.sync(pair.layla)
      leaves = try Self.leaves(of: server)
      try server.restart { try disk.copy(disk.folder("backup"), to: disk.folder("server")) }
      let clean = disk.folder("server-behind")
      self.clean = clean
      try server.restart { try disk.copy(disk.folder("server"), to: clean) }
      restored = try Self.refusal(of: pair)
      try reset()
    }

    /// What the server says to whoever has seen more than it has.
    private static func refusal(of pair: Pair) throws -> RestoredServer {
      let run = ExchangeRun(workspace: pair.omar.workspace, mode: .pull, progress: { _ in })
      let round = try run.begin()
      do {
        _ = try pair.server.answer(round.session.request, by: round.outgoing.replica.id)
      } catch let problem as ServerProblem {
        if case .serverRestored(let restored) = round.failure(
          problem.document, status: problem.status)
        {
          return restored
        }
      }
      throw SimulationFault("a server that lost leaves answers")
    }

    static func leaves(of server: SimulatedServer) throws -> [ReceivedEntry] {
      try server.hosted.log.read { db in
        try LogReader(unverified: db).leaves(from: 0, countMax: 1_000, bytesMax: .max).map {
          ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.batchBytes)
        }
      }
    }

    /// Takes every leaf back from the server that it was given, and what it was told meanwhile.
    func reset() throws {
      try pair.server.restart { try pair.disk.copy(clean, to: pair.disk.folder("server")) }
    }

    /// Whether the log is a beginning of what was lost, byte for byte; throws where it is not.
    func check(_ what: String) throws -> Bool {
      let now = try Self.leaves(of: pair.server)
      for (leaf, honest) in zip(now, leaves) {
        try require(
          leaf.leaf == honest.leaf && leaf.batch == honest.batch,
          "\(what): leaf \(leaf.index) is not what it was")
      }
      try require(now.count <= leaves.count, "\(what): more leaves than there were")
      return now.count == leaves.count
    }

    /// The requests of a store that holds everything, each as the server's answers ask for it.
    func requests() throws -> [[UInt8]] {
      var healing = try HealingRun(pair.omar.workspace, for: restored)
      var requests: [[UInt8]] = []
      while let body = try healing.next() {
        requests.append(body)
        try healing.receive(pair.server.heal(body))
      }
      try require(try check("honest"), "an honest holder does not heal the server")
      try reset()
      return requests
    }
  }

  @Test func `a server takes back what it lost, byte for byte, whatever it is offered`() throws {
    let restored = try Restored()
    let schema = try LieCorpus.wireSchema()
    let requests = try restored.requests()
    let body = try #require(requests.last)
    let catalogue = try LieCatalogue(FrameReader.frames(of: body), as: "HealingFrame", in: schema)
    var count = 0
    for lie in LieCatalogue.few([catalogue])[0] {
      count += 1
      do {
        do {
          _ = try restored.pair.server.heal(catalogue.stream(lie))
        } catch let problem as ServerProblem {
          try require(
            problem.code != ProblemCode.internalError.rawValue, "\(lie): \(problem.detail)")
        }
        if try restored.check("\(lie)") {
          try restored.reset()
          continue
        }
        // Whatever stays on the stage keeps nobody from healing it after all.
        for request in requests { _ = try restored.pair.server.heal(request) }
        try require(try restored.check("after \(lie)"), "\(lie): the server does not heal any more")
        try restored.reset()
      } catch {
        Issue.record("\(lie): \(error)")
        try restored.reset()
      }
    }
    print("healing requests altered: \(count)")
  }

  @Test func `a store that brings leaves back comes to an end, whatever it is answered`() throws {
    let restored = try Restored()
    let schema = try LieCorpus.wireSchema()
    let store = restored.pair.omar
    var healing = try HealingRun(store.workspace, for: restored.restored)
    let body = try #require(try healing.next())
    let answer = try restored.pair.server.heal(body)
    let catalogue = try LieCatalogue([answer], as: "HealingAnswer", in: schema)
    let before = try store.workspace.read { try LogSummary($0.log) }
    for lie in catalogue.lies {
      let lied = catalogue.told(lie).flatMap(\.encoded)
      var healing = try HealingRun(store.workspace, for: restored.restored)
      do {
        var requests = 0
        while try healing.next() != nil {
          requests += 1
          try require(requests < 50, "\(lie): the store brings leaves for ever")
          try healing.receive(lied)
        }
      } catch let failure as SyncFailure {
        #expect(failure.isDocumented, "\(lie): \(failure)")
      }
      #expect(try store.workspace.read { try LogSummary($0.log) } == before, "\(lie)")
      #expect(try store.workspace.read { try $0.evidenceCount() } == 0, "\(lie)")
    }
  }

  @Test func `a server that is taking leaves in for ever is asked on for a while, and no longer`()
    throws
  {
    let pair = try Pair()
    let server = RestoredServer(reason: "leaves", detail: "lost", treeSize: 1, signedSize: 1 << 40)
    var healing = try HealingRun(pair.omar.workspace, for: server)
    var answer = WireHealingAnswer()
    (answer.treeSize, answer.signedSize) = (1, 1 << 40)
    var requests = 0
    while try healing.next() != nil {
      requests += 1
      try require(requests < ClientLimits.takingsInMax + 50, "the store asks on for ever")
      answer.treeSize += 1
      try healing.receive(answer.serializedBytes())
    }
    #expect(requests > ClientLimits.takingsInMax, "an honest server that is slow is waited for")
    #expect(!healing.isHealed)
  }

  @Test(arguments: [0, 1, 1 << 62, UInt64.max], [0, 1, 1 << 62, UInt64.max])
  func `a server may say any sizes`(treeSize: UInt64, signedSize: UInt64) throws {
    let pair = try Pair()
    let server = RestoredServer(
      reason: "leaves", detail: "lost", treeSize: treeSize, signedSize: signedSize)
    var healing = try HealingRun(pair.omar.workspace, for: server)
    var answer = WireHealingAnswer()
    answer.treeSize = treeSize
    answer.signedSize = signedSize
    var range = WireLeafRange()
    (range.from, range.to) = (treeSize, signedSize)
    answer.missing = [range]
    var requests = 0
    while try healing.next() != nil {
      requests += 1
      try require(requests < 50, "the store brings leaves for ever")
      try healing.receive(answer.serializedBytes())
    }
  }
}
