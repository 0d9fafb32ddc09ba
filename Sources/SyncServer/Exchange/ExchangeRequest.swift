import FoundationEssentials
import SwiftProtobuf
import SyncProtocol

/// What a request for an exchange carries.
struct ExchangeRequest: Sendable {
  var opening: ExchangeOpening
  /// Encoded batches, none decoded yet.
  var batches: [[UInt8]]
}

/// How an exchange begins.
struct ExchangeOpening: Sendable {
  var mode: ExchangeMode
  /// The prefix that the store holds.
  var context: SignedContext
  /// The largest signed checkpoint that the store has seen; may be empty.
  var checkpoint: [UInt8]
  /// The operator's secret; empty but when publishing.
  var claim: [UInt8]
  /// Bytes after which the answer shall end; 0 for this server's own limit.
  var answerBytes: UInt64 = 0
}

/// How much a request may bring.
struct RequestAllowance: Sendable {
  var bytesMax: Int
  var batchesMax: Int

  static let member = RequestAllowance(
    bytesMax: Limits.requestBytesMax, batchesMax: Limits.requestBatchesMax)
  /// An opening and one enrolment.
  static let stranger = RequestAllowance(
    bytesMax: ServerLimits.strangerBodyBytesMax, batchesMax: 1)
}

/// Puts a request together from the pieces of its body, and refuses what is over a limit before it is
/// kept.
struct ExchangeRequestReader {
  private var frames = FrameReader()
  private var byteCount = 0
  private(set) var opening: ExchangeOpening?
  private var batches: [[UInt8]] = []
  /// May grow while the body comes in.
  var allowance: RequestAllowance

  init(_ allowance: RequestAllowance = .member) { self.allowance = allowance }

  /// Takes in the next bytes of the body.
  ///
  /// - Parameter untilOpening: whether to stop at the opening, and keep what follows for the next call.
  mutating func append(
    _ bytes: some Collection<UInt8>, untilOpening: Bool = false
  ) throws(Problem) {
    byteCount += bytes.count
    guard byteCount <= allowance.bytesMax else { throw .bodyTooLarge(bytesMax: allowance.bytesMax) }
    frames.append(bytes)
    do {
      while opening == nil || !untilOpening, let frame = try frames.next() { try take(frame) }
    } catch let error as FrameError {
      switch error {
      case .badLength: throw .malformed("a frame's length is no varint of at most 5 bytes")
      case .tooLong(let length): throw .frameTooLong(length)
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw .malformed("a frame does not decode")
    }
  }

  /// The request, when its body is complete.
  consuming func finish() throws(Problem) -> ExchangeRequest {
    guard frames.isAtBoundary else { throw .malformed("the body ends within a frame") }
    guard let opening else { throw .malformed("the body has no opening") }
    guard opening.mode != .pull || batches.isEmpty else {
      throw .malformed("a pull carries no batches")
    }
    return ExchangeRequest(opening: opening, batches: batches)
  }

  private mutating func take(_ bytes: [UInt8]) throws {
    let frame = try WireRequestFrame(serializedBytes: bytes)
    switch frame.frame {
    case .opening(let wire):
      guard opening == nil else { throw Problem.malformed("the opening stands once, and first") }
      opening = try ExchangeOpening(wire)
    case .batch(let batch):
      guard opening != nil else { throw Problem.malformed("the opening stands first") }
      guard batches.count < allowance.batchesMax else {
        throw Problem.tooManyBatches(max: allowance.batchesMax)
      }
      batches.append(batch.array)
    case nil:
      throw Problem.malformed("a frame is of a kind that this version does not know")
    }
  }
}

extension ExchangeOpening {
  /// Bytes of entries after which the answer ends: as asked for, within this server's limit.
  var answerBytesMax: Int {
    let limit = Limits.responseBytesMax
    return answerBytes == 0 ? limit : Int(min(answerBytes, UInt64(limit)))
  }

  init(_ wire: WireOpening) throws(Problem) {
    guard wire.protocol == exchangeProtocolVersion else { throw .unknownProtocol(wire.protocol) }
    switch wire.mode {
    case .sync: mode = .sync
    case .push: mode = .push
    case .pull: mode = .pull
    case .unspecified, .UNRECOGNIZED: throw .malformed("the mode is unknown")
    }
    guard let context = SignedContext(wire.context) else {
      throw .malformed("the opening's context is not well formed")
    }
    guard wire.checkpoint.count <= Limits.checkpointBytesMax else {
      throw .malformed("a checkpoint has at most \(Limits.checkpointBytesMax) bytes")
    }
    guard wire.claim.isEmpty || wire.claim.count == 32 else {
      throw .malformed("a claim has 32 bytes")
    }
    self.context = context
    checkpoint = wire.checkpoint.array
    claim = wire.claim.array
    answerBytes = wire.answerBytes
  }
}
