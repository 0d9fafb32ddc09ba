import NIOCore
import NIOHTTP1
import SyncProtocol

/// Gives a connection its place, holds it to its times, and ends it as RFC 9112 has it.
///
/// Stands right behind the HTTP codec, so that it sees versions and headers as they came; what it
/// decides is ``ConnectionProgress`` and ``ConnectionPlaces``.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let connections: Connections
  private let isTLS: Bool
  private var connection: Connection?
  private var progress: ConnectionProgress
  private var clock: RepeatedTask?
  /// Bytes of answers handed to the channel, and how many of them had left it.
  private var writtenBytes = 0
  private var sentBytes = 0
  /// Whether what comes belongs to no request that is served.
  private var dropsInput = false

  init(_ connections: Connections, isTLS: Bool) {
    self.connections = connections
    self.isTLS = isTLS
    progress = ConnectionProgress(now: Self.now)
  }

  private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { start(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    if connection == nil { start(context) }
    context.fireChannelActive()
  }

  private func start(_ context: ChannelHandlerContext) {
    connection = connections.admit(context.channel)
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    clock = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
      _ in bound.value.handler.tick(bound.value.context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    clock?.cancel()
    clock = nil
    connection?.end()
  }

  private func tick(_ context: ChannelHandlerContext) {
    let waiting = Self.bufferedBytes(context)
    let sent = max(sentBytes, writtenBytes - waiting)
    let now = Self.now
    if sent > sentBytes { progress.moved(sent - sentBytes, now: now) }
    sentBytes = sent
    let verdict = progress.check(
      now: now, isStranger: connection?.isStranger ?? true, areScarce: connections.areScarce,
      waiting: waiting)
    if verdict == .close { context.close(promise: nil) }
  }

  private static func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }
}

// MARK: - In

extension ConnectionHandler {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): read(head, context, data)
    case .body(let buffer):
      progress.moved(buffer.readableBytes, now: Self.now)
      if !dropsInput { context.fireChannelRead(data) }
    case .end:
      guard !dropsInput else { return }
      progress.requestEnds(now: Self.now)
      connection?.note(.answer)
      context.fireChannelRead(data)
    }
  }

  private func read(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ data: NIOAny) {
    let isOld = head.version.major < 1 || (head.version.major == 1 && head.version.minor == 0)
    let closes = isOld || !head.isKeepAlive
    guard progress.headArrives(closes: closes, now: Self.now) else {
      dropsInput = true
      return
    }
    if let connection, connection.isProxy,
      let sender = connections.proxies.sender(
        behind: context.channel.remoteAddress, forwardedFor: head.headers["x-forwarded-for"])
    {
      connection.serve(sender)
    }
    connection?.note(.judgement)
    // RFC 9112 § 3.2: one Host, which only HTTP/1.0 may leave out.
    let hosts = head.headers["host"].count
    guard hosts == 1 || (hosts == 0 && isOld) else {
      dropsInput = true
      return refuse(.malformed("a request names its host once"), context)
    }
    context.fireChannelRead(data)
  }

  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    let document = ProblemDocument(problem)
    let bytes = document.encoded
    connections.metrics.noteAnswer(
      .other, status: document.status, code: document.code, receivedBytes: 0,
      sentBytes: bytes.count, seconds: 0)
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: document.status),
      headers: [
        "content-type": "application/problem+json", "content-length": "\(bytes.count)",
        "cache-control": "no-store",
      ])
    write(context: context, data: wrapOutboundOut(.head(head)), promise: nil)
    let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
    write(context: context, data: wrapOutboundOut(body), promise: nil)
    write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
    context.flush()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Nobody behind asks for more of what is thrown away.
    if progress.phase == .lingering { read(context: context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      if progress.stops(isStranger: connection?.isStranger ?? true) == .close {
        context.close(promise: nil)
      }
      return
    }
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      // Whoever has closed its side waits for nothing: proxies and kernels close so when a program ends.
      connection?.leave()
      if progress.phase == .head || progress.phase == .lingering {
        return context.close(promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }
}

// MARK: - Out

extension ConnectionHandler {
  func read(context: ChannelHandlerContext) {
    if progress.reads(fromStranger: connection?.isStranger ?? true) { context.read() }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head):
      let closes = progress.answerBegins(
        toStranger: connection.map { $0.isStranger && !$0.isProxy } ?? true, now: Self.now)
      if closes { head.headers.replaceOrAdd(name: "connection", value: "close") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body(let body):
      writtenBytes += body.readableBytes
      context.write(data, promise: promise)
    case .end:
      let sent = promise ?? context.eventLoop.makePromise()
      let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
      sent.futureResult.whenSuccess { bound.value.handler.answerEnded(bound.value.context) }
      context.write(data, promise: sent)
    }
  }

  private func answerEnded(_ context: ChannelHandlerContext) {
    switch progress.answerEnds(now: Self.now) {
    case .keep: connection?.finishRequest()
    case .close: context.close(promise: nil)
    case .linger:
      dropsInput = true
      connection?.note(.end)
      // Over TLS the other side learns it by the header alone.
      if !isTLS { context.close(mode: .output, promise: nil) }
      context.read()
    }
  }
}
