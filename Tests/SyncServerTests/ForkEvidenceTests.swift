import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct ForkEvidenceTests {
  /// An enrolment by succession after change `counter`, in a batch that says that something came
  /// before it: signed by a key that nobody knows, so anybody can make one.
  private func claim(_ counter: UInt64, of server: TestServer) throws -> (ReplicaID, [UInt8]) {
    var stranger = try BatchAuthor(number: 66, workspace: server.founder.workspace)
    try stranger.succeed(server.founder, after: Counter(counter), chain: .zero)
    var wire = try WireBatch(serializedBytes: stranger.seal())
    var header = try WireBatchHeader(serializedBytes: wire.header)
    let previous = DomainHash.plain([1])
    header.previous = Data(previous.bytes)
    header.chain = Data(
      chainHash(after: previous, skeleton: Array(wire.changes[0].skeleton), commitments: []).bytes)
    wire.header = try header.serializedBytes()
    wire.signature = try stranger.key.signature(
      for: Array("hashiya/v1/batch-signature\0".utf8) + wire.header)
    return (stranger.id, try wire.serializedBytes())
  }

  @Test(
    "a stranger's succession after a change that cannot be is refused, and the server lives",
    arguments: [0, 1, 1 << 63, UInt64.max])
  func impossibleCounter(counter: UInt64) throws {
    let server = try TestServer()
    let (replica, batch) = try claim(counter, of: server)
    #expect(try Problem.code { try server.exchange([batch], by: replica) } == "fork")
    try server.append()
  }

  @Test("a member's fork is shown with the batch that has the dot", arguments: [1, UInt64.max])
  func evidence(counter: UInt64) throws {
    let server = try TestServer()
    let (_, batch) = try claim(counter, of: server)
    let answer = try server.exchange([batch], by: server.founder.id)
    guard case .refused(let refusal, let evidence) = try #require(answer.outcomes.first) else {
      Issue.record("the batch was accepted")
      return
    }
    #expect(refusal.code == .fork)
    #expect(evidence == (counter == 1 ? 0 : nil))
  }
}
