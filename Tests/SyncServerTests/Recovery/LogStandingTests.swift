import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

@Suite struct LogStandingTests {
  private func pull(_ server: TestServer, showing note: [UInt8]) throws -> String? {
    try Problem.code {
      try server.exchange([], by: server.founder.id, mode: .pull, checkpoint: note)
    }
  }

  @Test("pulls that show a lost checkpoint at the same time are all told that the log is behind")
  func atOnce() async throws {
    let server = try TestServer()
    let notes = try (2...33).map { try server.checkpoint(ofSize: $0) }
    let (hosted, replica) = (server.hosted, server.founder.id)
    let codes = await withTaskGroup(of: String.self) { group in
      for note in notes {
        group.addTask {
          do {
            _ = try await hosted.reads.run {
              try hosted.processExchange(
                ExchangeRequest(
                  opening: ExchangeOpening(
                    mode: .pull, context: .empty, checkpoint: note, claim: []), batches: []),
                by: replica, now: 0)
            }
            return "answered"
          } catch {
            return Problem(error).row.code
          }
        }
      }
      return await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(codes == [String](repeating: "log-behind", count: notes.count))
    #expect(try hosted.recoveryNeed()?.awaited?.size == 33)
  }

  @Test("a log that is behind neither appends nor signs")
  func neither() throws {
    let server = try TestServer()
    try server.append()
    let note = try server.checkpoint(ofSize: 9)
    #expect(try pull(server, showing: note) == "log-behind")
    let size = try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.hosted.log.read { try LogReader(unverified: $0).treeSize } == size)
    let root = try server.hosted.log.read { try LogReader(unverified: $0).root(ofSize: size) }
    let code = try Problem.code { try server.hosted.sign([.init(size: size, root: root)]) }
    #expect(code == "log-behind")
  }

  @Test("what a crash left unsigned is signed in steps that a receiver accepts")
  func unsigned() throws {
    let server = try TestServer()
    for index in 0..<(2 * ServerLimits.checkpointLeavesMax) { try server.append("\(index)") }
    try server.hosted.log.write { db in
      try db.execute(sql: "DELETE FROM checkpoint WHERE tree_size > 1")
    }
    try server.hosted.signEnd()
    let sizes = try server.hosted.log.read { db in
      try LogReader(unverified: db).checkpoints(after: 1, upTo: 1_000).map(\.size)
    }
    #expect(sizes == [65, 129])
  }
}
