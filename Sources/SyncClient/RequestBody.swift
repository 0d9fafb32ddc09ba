import NIOCore

/// A request's body in pieces, so that a slow upload shows how far it is.
struct RequestBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  let bytes: [UInt8]
  var pace: ExchangePace?
  let progress: @Sendable (SyncProgress) -> Void

  private static let pieceBytes = 64 << 10

  struct AsyncIterator: AsyncIteratorProtocol {
    let body: RequestBody
    var sent = 0

    /// The next piece; it is asked for when the network has taken the one before.
    mutating func next() async -> ByteBuffer? {
      body.progress(.sending(bytes: sent, of: body.bytes.count))
      body.pace?.passed(0)
      guard sent < body.bytes.count else {
        body.pace?.wait(.thinking)
        return nil
      }
      let piece = body.bytes[sent..<Swift.min(sent + RequestBody.pieceBytes, body.bytes.count)]
      sent += piece.count
      body.pace?.wait(.sending)
      return ByteBuffer(bytes: piece)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
