import NIOCore

/// Closes a connection on which nothing was read or written for a while.
///
/// Hummingbird's own idle timeout leaves connections alone while an answer is being written; a client
/// that stops reading would keep one for ever.
final class IdleConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }
}
