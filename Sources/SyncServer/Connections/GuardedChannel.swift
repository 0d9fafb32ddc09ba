import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Hummingbird's HTTP/1.1 channel with a ``ConnectionHandler`` behind the codec.
///
/// Its own `HTTP1Channel` lets handlers in only where the version and doubled headers are gone, and
/// when the server stops it closes connections over the end of their answers.
struct GuardedChannel: ServerChildChannel, HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let responder: HTTPChannelHandler.Responder
  let connections: Connections
  let isTLS: Bool

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      // The body's stream holds up to ten reads before it stops reading: as large as they come by
      // themselves, one connection's would be more than its place may take.
      try channel.syncOptions?.setOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(
          minimum: 1_024, initial: 2_048, maximum: ServerLimits.readBytesMax))
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = ServerLimits.headerBytesMax
      limits.maxHeaderListSize = ServerLimits.headerBytesMax
      limits.maxHeaderFieldCount = ServerLimits.headersMax
      let pipeline = channel.pipeline.syncOperations
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false,
        withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
        withDecoderLimitConfiguration: limits)
      try pipeline.addHandler(ConnectionHandler(connections, isTLS: isTLS))
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: isTLS))
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
