import HTTPTypes
import Hummingbird
import Logging
import MergeCore
import NIOCore
import SyncProtocol

extension ServerResponder {
  /// One exchange over HTTP: the body in, ``HostedWorkspace/processExchange(_:by:now:)``, the answer
  /// streamed out.
  func serveExchange(
    _ request: Request, _ workspace: HostedWorkspace, _ token: RequestToken,
    _ record: inout RequestRecord
  ) async throws -> Response {
    let isMember = try await workspace.reads.run { try workspace.isMember(token.replica) }
    let lease = (isMember ? budgets.members : budgets.strangers).lease()
    defer { withExtendedLifetime(lease) {} }
    let exchange = try await read(request, lease, &record)
    let time = now()
    let answer = try await (exchange.batches.isEmpty ? workspace.reads : workspace.writes).run {
      try workspace.processExchange(exchange, by: token.replica, now: time)
    }
    await registry.remember(answer.workspace, as: workspace.name)
    return Response(
      status: .ok,
      headers: [.contentType: "application/vnd.hashiya.exchange", .cacheControl: "no-store"],
      body: body(of: answer, workspace, record))
  }

  /// Reads the body, counting as it comes, and gives up on one that does not come.
  private func read(
    _ request: Request, _ lease: BodyBudget.Lease, _ record: inout RequestRecord
  ) async throws -> ExchangeRequest {
    let encodings = request.headers[values: .contentEncoding]
    guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else {
      throw Problem.unsupportedEncoding
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= Limits.requestBytesMax else { throw Problem.bodyTooLarge }
    }
    let arrival = BodyArrival()
    defer { record.receivedBytes = arrival.byteCount }
    let body = request.body
    return try await withThrowingTaskGroup(of: ExchangeRequest?.self) { group in
      group.addTask { try await Self.collect(body, lease, arrival) }
      group.addTask {
        try await arrival.waitUntilLate()
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let exchange = first else {
        throw Problem.requestTimeout
      }
      return exchange
    }
  }

  private static func collect(
    _ body: RequestBody, _ lease: BodyBudget.Lease, _ arrival: BodyArrival
  ) async throws -> ExchangeRequest {
    var reader = ExchangeRequestReader()
    do {
      for try await buffer in body {
        arrival.note(buffer.readableBytes)
        try lease.take(buffer.readableBytes)
        try reader.append(buffer.readableBytesView)
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem.malformed("the body could not be read to its end")
    }
    return try reader.finish()
  }

  private func body(
    of answer: ExchangeAnswer, _ workspace: HostedWorkspace, _ record: RequestRecord
  ) -> ResponseBody {
    ResponseBody { writer in
      var sentBytes = 0
      do {
        var stream = ExchangeAnswerStream(answer)
        while true {
          let current = stream
          let (next, bytes) = try await workspace.reads.run {
            var stream = current
            let bytes = try stream.next(from: workspace.log)
            return (stream, bytes)
          }
          guard let bytes else { break }
          stream = next
          try await writer.write(ByteBuffer(bytes: bytes))
          sentBytes += bytes.count
        }
        try await writer.finish(nil)
        record.log(to: logger, status: 200, sentBytes: sentBytes)
      } catch {
        // The head is out: the connection breaks off, and the client sees no end frame.
        record.log(failure: error, to: logger, status: 200, sentBytes: sentBytes)
        throw error
      }
    }
  }
}
