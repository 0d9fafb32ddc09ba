import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

extension ServerResponder {
  /// Takes back leaves that a log lost: the body in,
  /// ``HostedWorkspace/receive(_:stagedBytesMax:until:)``, one message out.
  ///
  /// Without a token, since the enrolment of whoever holds the leaves may be among them; whose note the
  /// log's key did not sign is told nothing: whatever comes is read and refused alike, whether there is
  /// such a workspace or not.
  ///
  /// - Parameter workspace: nil where there is none.
  func serveHealing(
    _ request: Request, _ workspace: HostedWorkspace?, _ connection: Connection,
    _ record: inout RequestRecord
  ) async throws -> Response {
    let reader = try await readHealing(request, workspace, connection, &record)
    guard reader.isHolder, let workspace else { throw Problem.notEnrolled }
    record.isMembers = true
    let healing = try await workspace.reads.run { try workspace.checked(reader) }
    let isHealed = try await workspace.writes.run {
      let end = ContinuousClock.now + .milliseconds(ServerLimits.healingMilliseconds)
      let wasBehind = try workspace.recoveryNeed() != nil
      try workspace.receive(healing) { ContinuousClock.now >= end }
      // What is taken in over several requests ends in one that may bring no leaf.
      return try wasBehind && workspace.recoveryNeed() == nil
    }
    let standing = try await workspace.reads.run { try workspace.healingStanding() }
    if isHealed {
      log.notice(
        "the log has all that it signed",
        metadata: [
          "workspace": .string(workspace.name), "leaves": .stringConvertible(standing.treeSize),
        ])
    }
    let bytes: [UInt8] = try standing.answer.serializedBytes()
    record.log(to: log, status: 200, sentBytes: bytes.count)
    return Response(
      status: .ok,
      headers: [.contentType: "application/vnd.hashiya.healing", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private func readHealing(
    _ request: Request, _ workspace: HostedWorkspace?, _ connection: Connection,
    _ record: inout RequestRecord
  ) async throws -> HealingRequestReader {
    connection.remainStranger()
    let arrival = BodyArrival(isMember: false)
    defer { record.receivedBytes = arrival.byteCount }
    let (body, budget, refusal) = (request.body, self.budget, Self.refusal(of: request))
    let logKey = workspace?.logKey ?? Self.nobodysKey
    // All who hold the log's signature share a member's room: whose they are may be lost.
    let holder = Array("heal \(workspace?.name ?? "")".utf8)
    return try await withThrowingTaskGroup(of: HealingRequestReader?.self) { group in
      group.addTask {
        var reader = HealingRequestReader(logKey: logKey, refusal: refusal)
        var isOfUse = true
        let lease = budget.lease(for: holder)
        defer { withExtendedLifetime(lease) {} }
        do {
          for try await buffer in body {
            arrival.note(buffer.readableBytes)
            let wasHolder = reader.isHolder
            if wasHolder, isOfUse { try lease.take(buffer.readableBytes) }
            try reader.append(buffer.readableBytesView)
            guard reader.isHolder, !wasHolder, let workspace else { continue }
            arrival.becomeMember()
            connection.becomeMember(holder)
            let size = reader.noteSize
            isOfUse = try await !workspace.reads.run { try workspace.needsNothing(ofNote: size) }
            if isOfUse { try lease.take(arrival.byteCount) } else { reader.keepNoteAlone() }
          }
        } catch let problem as Problem {
          throw problem
        } catch let failure as StoreFailure {
          throw failure
        } catch {
          guard reader.isHolder else { throw Problem.notEnrolled }
          throw Problem.malformed("the body could not be read to its end")
        }
        return reader
      }
      group.addTask {
        try await arrival.waitUntilLate()
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let reader = first else {
        throw arrival.isMember ? Problem.requestTimeout : Problem.notEnrolled
      }
      return reader
    }
  }

  /// What a request's head is refused for.
  private static func refusal(of request: Request) -> Problem? {
    let encodings = request.headers[values: .contentEncoding]
    guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else {
      return .unsupportedEncoding
    }
    let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    return length <= Limits.requestBytesMax
      ? nil : .bodyTooLarge(bytesMax: Limits.requestBytesMax)
  }

  /// The key of no log, for workspaces that are not there.
  private static let nobodysKey: VerifierKey = {
    guard let name = KeyName("nobody"),
      let key = NoteSigner(name: name, seed: randomBytes(32))?.verifierKey
    else { preconditionFailure("any 32 bytes are a key's seed") }
    return key
  }()
}

extension HealingStanding {
  /// The answer to a healing request.
  var answer: WireHealingAnswer {
    var answer = WireHealingAnswer()
    answer.treeSize = treeSize
    answer.signedSize = awaitedSize
    answer.reason = reason ?? ""
    answer.missing = missing.map { range in
      var wire = WireLeafRange()
      wire.from = range.lowerBound
      wire.to = range.upperBound
      return wire
    }
    return answer
  }
}
