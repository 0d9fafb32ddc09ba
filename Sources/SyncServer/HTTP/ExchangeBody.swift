import HTTPTypes
import Hummingbird
import MergeCore
import NIOCore
import SyncProtocol

/// Reads the body of one exchange, counting as it comes, and gives up on one that does not come.
struct ExchangeBody: Sendable {
  let connection: Connection
  let visit: Visit
  let arrival: BodyArrival
  private let budget: BodyBudget

  init(connection: Connection, budget: BodyBudget, visit: Visit) {
    self.connection = connection
    self.visit = visit
    self.budget = budget
    arrival = BodyArrival(isMember: visit.isMember)
  }

  /// What came in, and the room that it takes for as long as it lives.
  struct Received: Sendable {
    var exchange: ExchangeRequest
    var lease: BodyBudget.Lease?

    /// Whether it is a member's, or of somebody who has the slot's claim.
    var isKnown: Bool { lease != nil }
  }

  /// Throws ``Problem``.
  func read(_ request: Request) async throws -> Received {
    let encodings = request.headers[values: .contentEncoding]
    guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else {
      throw Problem.unsupportedEncoding
    }
    // A stranger with the claim may send more, and shows it at the beginning of the body.
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= Limits.requestBytesMax else {
        throw Problem.bodyTooLarge(bytesMax: Limits.requestBytesMax)
      }
    }
    let body = request.body
    return try await withThrowingTaskGroup(of: Received?.self) { group in
      group.addTask { try await collect(body) }
      group.addTask {
        try await arrival.waitUntilLate()
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let received = first else {
        throw Problem.requestTimeout
      }
      return received
    }
  }

  private func collect(_ body: RequestBody) async throws -> Received {
    var reader = ExchangeRequestReader(visit.isMember ? .member : .stranger)
    var lease = visit.member.map { budget.lease(for: $0) }
    do {
      for try await buffer in body {
        arrival.note(buffer.readableBytes)
        if let lease { try lease.take(buffer.readableBytes) }
        var bytes = buffer.readableBytesView[...]
        if lease == nil, reader.opening == nil {
          // The opening is the first thing in a body; whoever shows the claim there is no stranger.
          let head = bytes.prefix(ServerLimits.strangerBodyBytesMax)
          try reader.append(head, untilOpening: true)
          bytes = bytes.dropFirst(head.count)
          if let claim = reader.opening?.claim, try await mayPublish(claim) {
            lease = budget.lease(for: visit.token.replica.bytes)
            try lease?.take(arrival.byteCount)
            reader.allowance = .member
            arrival.becomeMember()
            connection.becomeMember(visit.token.replica.bytes)
          }
        }
        try reader.append(bytes)
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem.malformed("the body could not be read to its end")
    }
    return Received(exchange: try reader.finish(), lease: lease)
  }

  private func mayPublish(_ claim: [UInt8]) async throws -> Bool {
    guard !claim.isEmpty, let workspace = visit.workspace else { return false }
    return try await workspace.reads.run { try workspace.mayPublish(claim) }
  }
}
