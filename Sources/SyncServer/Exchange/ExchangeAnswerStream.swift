import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Turns an answer into frames, a piece at a time: no more than
/// ``ServerLimits/answerPieceBytes`` and a leaf are held, however large the batches are.
///
/// Reads only below the answer's tree size, where the log never changes: each piece may be read in a
/// transaction of its own.
struct ExchangeAnswerStream: Sendable {
  private enum Step {
    case welcome
    case outcome(Int)
    case consistency
    case entries(from: UInt64)
    case end(more: Bool)
    case done
  }

  private let answer: ExchangeAnswer
  private var step = Step.welcome
  private var outcomeBytes = 0
  private var sentEntries = 0
  private var sentBytes = 0
  /// What the steps so far have left to write.
  private var pieces: [AnswerPiece] = []
  /// Whether a checkpoint covers every entry sent so far.
  private var isCovered = true

  private static let pageLeaves = 64
  private static let pageBytes = 1 << 20

  init(_ answer: ExchangeAnswer) { self.answer = answer }

  /// The next bytes of the body; nil at its end.
  mutating func next(from log: LogDatabase) throws -> [UInt8]? {
    var stream = self
    let bytes = try log.read { db in
      let reader = try LogReader(unverified: db)
      while stream.pieces.isEmpty, try stream.advance(reader) {}
      return try stream.pieces.take(ServerLimits.answerPieceBytes, from: reader)
    }
    self = stream
    return bytes.isEmpty ? nil : bytes
  }

  /// Makes the next step's pieces, if it has any; returns whether there was a step.
  private mutating func advance(_ reader: LogReader) throws -> Bool {
    switch step {
    case .welcome:
      step = .outcome(0)
      pieces = [.bytes(try welcome())]
    case .outcome(let position):
      guard position < answer.outcomes.count else {
        step = answer.mode == .push ? .consistency : .entries(from: answer.from)
        return true
      }
      step = .outcome(position + 1)
      pieces = try outcome(position, reader)
      outcomeBytes += pieces.reduce(0) { $0 + $1.byteCount }
    case .consistency:
      step = .end(more: false)
      pieces = [.bytes(try consistency(reader))]
    case .entries(let start):
      pieces = try entries(from: start, reader)
    case .end(let more):
      step = .done
      var frame = WireResponseFrame()
      frame.end.more = more
      pieces = [.bytes(try encoded(frame))]
    case .done:
      return false
    }
    return true
  }

  private func encoded(_ frame: WireResponseFrame) throws -> [UInt8] {
    framed(try frame.serializedBytes())
  }

  private func welcome() throws -> [UInt8] {
    var frame = WireResponseFrame()
    frame.welcome.protocol = exchangeProtocolVersion
    frame.welcome.workspace = Data(answer.workspace.bytes)
    frame.welcome.treeSize = answer.treeSize
    return try encoded(frame)
  }

  private func checkpoint(_ note: [UInt8]) throws -> [UInt8] {
    var frame = WireResponseFrame()
    frame.checkpoint = Data(note)
    return try encoded(frame)
  }
}

// MARK: - Outcomes and proofs

extension ExchangeAnswerStream {
  private func outcome(_ position: Int, _ reader: LogReader) throws -> [AnswerPiece] {
    var frame = WireResponseFrame()
    frame.outcome.batch = UInt32(position)
    switch answer.outcomes[position] {
    case .accepted(let leaf, let known):
      frame.outcome.accepted.leafIndex = leaf
      frame.outcome.accepted.known = known
      if answer.mode == .push {
        let bytes = try Array(reader.leafBytes(from: leaf, count: 1).joined())
        let proof = try reader.inclusion(of: bytes, at: leaf, in: answer.treeSize)
        frame.outcome.accepted.leaf = Data(bytes)
        frame.outcome.accepted.proof = proof.hashes.map { Data($0.bytes) }
      }
    case .refused(let refusal, let evidence):
      frame.outcome.refused.code = refusal.code.rawValue
      frame.outcome.refused.counter = refusal.counter?.rawValue ?? 0
      frame.outcome.refused.detail = refusal.detail
      if let evidence,
        let leaf = try reader.outlines(from: evidence, countMax: 1, bytesMax: 1, leafBytesMax: 1)
          .first,
        leaf.index == evidence,
        // A store's receiver holds all outcomes; what does not fit can be asked for again.
        outcomeBytes + leaf.batchByteCount <= Limits.responseBytesMax / 2
      {
        return try evident(frame.outcome, leaf)
      }
    }
    return [.bytes(try encoded(frame))]
  }

  /// A refusal with the batch that proves it, which is the last field of the last field.
  private func evident(_ outcome: WireOutcome, _ leaf: LeafOutline) throws -> [AnswerPiece] {
    var number = WireOutcome()
    number.batch = outcome.batch
    return AnswerPiece.frame(
      around: leaf,
      [
        (try outcome.refused.serializedBytes(), 4), (try number.serializedBytes(), 3), ([], 2),
      ])
  }

  /// The proof from the store's size, a second from the checkpoint that it has seen where that is
  /// larger, and the checkpoint.
  private func consistency(_ reader: LogReader) throws -> [UInt8] {
    var bytes = try consistency(from: answer.from, reader)
    if answer.shown > answer.from, answer.shown <= answer.treeSize {
      bytes += try consistency(from: answer.shown, reader)
    }
    return try bytes + lastCheckpoint(reader)
  }

  private func consistency(from size: UInt64, _ reader: LogReader) throws -> [UInt8] {
    let proof = try reader.consistency(from: size, to: answer.treeSize)
    var frame = WireResponseFrame()
    frame.consistency.from = size
    frame.consistency.to = answer.treeSize
    frame.consistency.hashes = proof.hashes.map { Data($0.bytes) }
    return try encoded(frame)
  }

  private func lastCheckpoint(_ reader: LogReader) throws -> [UInt8] {
    try checkpoint(reader.signedNote(ofSize: answer.treeSize))
  }
}

// MARK: - Entries

extension ExchangeAnswerStream {
  /// Some entries, ended by a checkpoint where one is stored; none when only the end is left.
  ///
  /// A response over its limits ends at a checkpoint, so that the receiver can believe all it got.
  private mutating func entries(from start: UInt64, _ reader: LogReader) throws -> [AnswerPiece] {
    guard start < answer.treeSize else {
      step = .end(more: false)
      return start == answer.from ? [.bytes(try lastCheckpoint(reader))] : []
    }
    var page = try reader.outlines(
      from: start, countMax: Self.pageLeaves, bytesMax: min(Self.pageBytes, answer.bytesMax),
      leafBytesMax: ServerLimits.answerPieceBytes
    ).filter { $0.index < answer.treeSize }
    guard let last = page.last else {
      throw StoreFailure.corrupt("leaf \(start) is missing")
    }
    let stored = try reader.checkpoints(after: start, upTo: last.index + 1).last
    if let stored { page.removeAll { $0.index >= stored.size } }
    var entries = try page.flatMap(entry)
    let byteCount = entries.reduce(0) { $0 + $1.byteCount }
    guard fits(page.count, byteCount) || !isCovered || sentEntries == 0 else {
      step = .end(more: true)
      return []
    }
    sentEntries += page.count
    sentBytes += byteCount
    isCovered = stored != nil
    step = .entries(from: start + UInt64(page.count))
    if let stored {
      entries.append(.bytes(try checkpoint(reader.signedNote(ofSize: stored.size))))
    }
    return entries
  }

  private func fits(_ entries: Int, _ bytes: Int) -> Bool {
    sentEntries + entries <= Limits.responseEntriesMax
      && sentBytes + bytes <= answer.bytesMax
  }

  private func entry(_ leaf: LeafOutline) throws -> [AnswerPiece] {
    var entry = WireEntry()
    entry.index = leaf.index
    entry.leaf = Data(leaf.leafBytes)
    guard let batch = answer.batchByLeaf[leaf.index] else {
      return AnswerPiece.frame(around: leaf, [(try entry.serializedBytes(), 3), ([], 3)])
    }
    entry.pushed = batch
    var frame = WireResponseFrame()
    frame.entry = entry
    return [.bytes(try encoded(frame))]
  }
}
