import HTTPTypes
import Hummingbird
import MergeCore
import NIOCore
import SyncProtocol

extension ServerResponder {
  /// One exchange over HTTP: the body in, what it asks for done, the answer streamed out.
  func serveExchange(
    _ request: Request, _ visit: Visit, _ connection: Connection, _ record: inout RequestRecord
  ) async throws -> Response {
    let body = ExchangeBody(connection: connection, budget: budget, visit: visit)
    defer { record.receivedBytes = body.arrival.byteCount }
    let received = try await body.read(request)
    defer { withExtendedLifetime(received.lease) {} }
    guard let workspace = visit.workspace else {
      throw Problem.toStranger(received.exchange.opening)
    }
    var hasCommitted = false
    let first: (stream: ExchangeAnswerStream, bytes: [UInt8]?)
    do {
      let answer = try await process(
        received, workspace, visit.token.replica, connection, &hasCommitted)
      await registry.remember(answer.workspace, as: workspace.name)
      record.isMembers = true
      record.receivedBytes = body.arrival.byteCount
      // Before the head is out, damage in what is read first can still be told.
      first = try await beginning(of: ExchangeAnswerStream(answer), workspace)
    } catch  where hasCommitted {
      throw Problem(afterCommit: error)
    }
    return Response(
      status: .ok,
      headers: [.contentType: "application/vnd.hashiya.exchange", .cacheControl: "no-store"],
      body: self.body(beginningWith: first, workspace, record, visit.executor))
  }

  /// The first bytes of an answer, about as many as one piece has; all of a small one.
  private func beginning(of stream: ExchangeAnswerStream, _ workspace: HostedWorkspace) async throws
    -> (stream: ExchangeAnswerStream, bytes: [UInt8]?)
  {
    var bytes: [UInt8] = []
    var stream = stream
    while bytes.count < ServerLimits.answerPieceBytes {
      let piece = try await next(of: stream, workspace)
      guard let more = piece.bytes else { break }
      bytes += more
      stream = piece.stream
    }
    return (stream, bytes)
  }

  /// The next bytes of an answer, and what is left of it then; no bytes at its end.
  private func next(of stream: ExchangeAnswerStream, _ workspace: HostedWorkspace) async throws
    -> (stream: ExchangeAnswerStream, bytes: [UInt8]?)
  {
    try await workspace.reads.run {
      var stream = stream
      let bytes = try stream.next(from: workspace.log)
      return (stream, bytes)
    }
  }

  /// What needs no log, then turns to write, each followed by whoever waits.
  ///
  /// Whatever is done for strangers is done on a queue of their own, one at a time, and in no turn.
  ///
  /// - Parameter hasCommitted: is set once a turn may have put something into the log.
  private func process(
    _ received: ExchangeBody.Received, _ workspace: HostedWorkspace, _ replica: ReplicaID,
    _ connection: Connection, _ hasCommitted: inout Bool
  ) async throws -> ExchangeAnswer {
    let exchange = received.exchange
    let time = try exchange.batches.isEmpty ? clock.now() : clock.leafTime()
    let isGone: @Sendable () -> Bool = { connection.isGone }
    if !received.isKnown {
      try await strangers.run {
        guard !isGone() else { throw SenderGone() }
        guard !exchange.batches.isEmpty else { try workspace.refuseStranger(exchange, replica) }
        try workspace.checkEnrolment(exchange, by: replica, now: time)
      }
    }
    guard !exchange.batches.isEmpty else {
      return try await workspace.reads.run {
        try workspace.answerWithoutBatches(exchange, by: replica)
      }
    }
    var run = try await workspace.reads.run {
      ExchangeAppending(
        exchange, try workspace.open(exchange.batches, isGone: isGone), by: replica, now: time,
        isGone: isGone)
    }
    repeat {
      let current = run
      let asked = ContinuousClock.now
      run = try await workspace.writes.run { [metrics = connections.metrics] in
        let start = ContinuousClock.now
        defer {
          metrics.noteTurn(
            waitedSeconds: (start - asked) / .seconds(1),
            tookSeconds: (ContinuousClock.now - start) / .seconds(1))
        }
        let end = ContinuousClock.now + .milliseconds(ServerLimits.turnMilliseconds)
        return try workspace.append(current) { ContinuousClock.now >= end }
      }
      hasCommitted = true
    } while !run.isDone
    connections.metrics.noteBatches(run.accepted.outcomes)
    return try run.answer()
  }

  private func body(
    beginningWith first: (stream: ExchangeAnswerStream, bytes: [UInt8]?),
    _ workspace: HostedWorkspace, _ record: RequestRecord, _ executor: MemberExecutor?
  ) -> ResponseBody {
    ResponseBody { writer in
      var sentBytes = 0
      do {
        try await withTaskExecutorPreference(executor) {
          var piece = first
          while let bytes = piece.bytes {
            // Waits until the connection takes more.
            try await writer.write(ByteBuffer(bytes: bytes))
            sentBytes += bytes.count
            piece = try await next(of: piece.stream, workspace)
          }
          try await writer.finish(nil)
        }
        record.log(to: log, status: 200, sentBytes: sentBytes)
      } catch {
        // The head is out: the connection breaks off, and the client sees no end frame.
        record.log(failure: error, to: log, status: 200, sentBytes: sentBytes)
        throw error
      }
    }
  }
}
