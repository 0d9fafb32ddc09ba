import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SwiftProtobuf
import SyncProtocol

extension ServerResponder {
  /// Takes back leaves that a log lost: the body in, ``HostedWorkspace/processHealing(_:stagedBytesMax:)``,
  /// one message out.
  ///
  /// Without a token, since the enrolment of whoever holds the leaves may be among them; whose note the
  /// log's key did not sign is told nothing.
  func serveHealing(
    _ request: Request, _ workspace: HostedWorkspace, _ connection: Connection,
    _ record: inout RequestRecord
  ) async throws -> Response {
    let reader = try await readHealing(request, workspace, connection, &record)
    let healing = try await workspace.reads.run { try reader.finish() }
    let standing = try await workspace.writes.run { try workspace.processHealing(healing) }
    if !healing.leaves.isEmpty, standing.treeSize == standing.awaitedSize {
      logger.notice(
        "the log has all that it signed",
        metadata: [
          "workspace": .string(workspace.name), "leaves": .stringConvertible(standing.treeSize),
        ])
    }
    let bytes: [UInt8] = try standing.answer.serializedBytes()
    record.log(to: logger, status: 200, sentBytes: bytes.count)
    return Response(
      status: .ok,
      headers: [.contentType: "application/vnd.hashiya.healing", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private func readHealing(
    _ request: Request, _ workspace: HostedWorkspace, _ connection: Connection,
    _ record: inout RequestRecord
  ) async throws -> HealingRequestReader {
    let encodings = request.headers[values: .contentEncoding]
    guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else {
      throw Problem.unsupportedEncoding
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= Limits.requestBytesMax else {
        throw Problem.bodyTooLarge(bytesMax: Limits.requestBytesMax)
      }
    }
    connection.remainStranger()
    let arrival = BodyArrival(isMember: false)
    defer { record.receivedBytes = arrival.byteCount }
    let (body, logKey, budget) = (request.body, workspace.logKey, self.budget)
    // All who hold the log's signature share a member's room: whose they are may be lost.
    let holder = Array("heal \(workspace.name)".utf8)
    return try await withThrowingTaskGroup(of: HealingRequestReader?.self) { group in
      group.addTask {
        var reader = HealingRequestReader(logKey: logKey)
        let lease = budget.lease(for: holder)
        defer { withExtendedLifetime(lease) {} }
        do {
          for try await buffer in body {
            arrival.note(buffer.readableBytes)
            try lease.take(buffer.readableBytes)
            let wasHolder = reader.isHolder
            try reader.append(buffer.readableBytesView)
            guard reader.isHolder, !wasHolder else { continue }
            arrival.becomeMember()
            connection.becomeMember(holder)
          }
        } catch let problem as Problem {
          throw problem
        } catch {
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
        throw Problem.requestTimeout
      }
      return reader
    }
  }
}

extension HealingStanding {
  /// The answer to a healing request.
  var answer: WireHealingAnswer {
    var answer = WireHealingAnswer()
    answer.treeSize = treeSize
    answer.signedSize = awaitedSize
    answer.missing = missing.map { range in
      var wire = WireLeafRange()
      wire.from = range.lowerBound
      wire.to = range.upperBound
      return wire
    }
    return answer
  }
}
