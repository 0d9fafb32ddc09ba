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
    let exchange = try await read(request, &record)
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

  /// Reads the body, counting as it comes.
  private func read(_ request: Request, _ record: inout RequestRecord) async throws(Problem)
    -> ExchangeRequest
  {
    let encodings = request.headers[values: .contentEncoding]
    guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else {
      throw .unsupportedEncoding
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= Limits.requestBytesMax else { throw .bodyTooLarge }
    }
    var reader = ExchangeRequestReader()
    let deadline = ContinuousClock.now + .seconds(ServerLimits.bodySecondsMax)
    do {
      for try await buffer in request.body {
        guard ContinuousClock.now < deadline else { throw Problem.requestTimeout }
        record.receivedBytes += buffer.readableBytes
        try reader.append(buffer.readableBytesView)
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw .malformed("the body could not be read to its end")
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
