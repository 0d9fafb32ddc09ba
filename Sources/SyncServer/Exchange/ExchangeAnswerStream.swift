import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Turns an answer into frames, a piece at a time, so that no more than a page of the log is ever held.
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
  /// Whether a checkpoint covers every entry sent so far.
  private var isCovered = true

  private static let pageLeaves = 64
  private static let pageBytes = 1 << 20

  init(_ answer: ExchangeAnswer) { self.answer = answer }

  /// The next bytes of the body; nil at its end.
  mutating func next(from log: LogDatabase) throws -> [UInt8]? {
    switch step {
    case .welcome:
      step = .outcome(0)
      return try welcome()
    case .outcome(let position):
      guard position < answer.outcomes.count else {
        step = answer.mode == .push ? .consistency : .entries(from: answer.from)
        return try next(from: log)
      }
      step = .outcome(position + 1)
      let bytes = try log.read { try outcome(position, LogReader(unverified: $0)) }
      outcomeBytes += bytes.count
      return bytes
    case .consistency:
      step = .end(more: false)
      return try log.read { try consistency(LogReader(unverified: $0)) }
    case .entries(let start):
      return try log.read { try entries(from: start, LogReader(unverified: $0)) }
        ?? next(from: log)
    case .end(let more):
      step = .done
      var frame = WireResponseFrame()
      frame.end.more = more
      return try encoded(frame)
    case .done:
      return nil
    }
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
  private func outcome(_ position: Int, _ reader: LogReader) throws -> [UInt8] {
    var frame = WireResponseFrame()
    frame.outcome.batch = UInt32(position)
    switch answer.outcomes[position] {
    case .accepted(let leaf, let known):
      frame.outcome.accepted.leafIndex = leaf
      frame.outcome.accepted.known = known
      if answer.mode == .push {
        let proof = try InclusionProof(
          leaf: LeafIndex(leaf), size: TreeSize(answer.treeSize), from: reader.tree)
        frame.outcome.accepted.leaf = Data(try reader.leafBytes(from: leaf, count: 1).joined())
        frame.outcome.accepted.proof = proof.hashes.map { Data($0.bytes) }
      }
    case .refused(let refusal, let evidence):
      frame.outcome.refused.code = refusal.code.rawValue
      frame.outcome.refused.counter = refusal.counter?.rawValue ?? 0
      frame.outcome.refused.detail = refusal.detail
      if let evidence, let leaf = try reader.leaf(at: evidence) {
        // A store's receiver holds all outcomes; what does not fit can be asked for again.
        if outcomeBytes + leaf.batchBytes.count <= Limits.responseBytesMax / 2 {
          frame.outcome.refused.evidence = Data(leaf.batchBytes)
        }
      }
    }
    return try encoded(frame)
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
    let proof = try ConsistencyProof(
      old: TreeSize(size), new: TreeSize(answer.treeSize), from: reader.tree)
    var frame = WireResponseFrame()
    frame.consistency.from = size
    frame.consistency.to = answer.treeSize
    frame.consistency.hashes = proof.hashes.map { Data($0.bytes) }
    return try encoded(frame)
  }

  private func lastCheckpoint(_ reader: LogReader) throws -> [UInt8] {
    guard let stored = try reader.checkpoint(ofAtMost: answer.treeSize),
      stored.size == answer.treeSize
    else { throw StoreFailure.corrupt("the checkpoint of \(answer.treeSize) leaves is missing") }
    return try checkpoint(stored.note)
  }
}

// MARK: - Entries

extension ExchangeAnswerStream {
  /// Some entries, ended by a checkpoint where one is stored; nil when only the end is left.
  ///
  /// A response over its limits ends at a checkpoint, so that the receiver can believe all it got.
  private mutating func entries(from start: UInt64, _ reader: LogReader) throws -> [UInt8]? {
    guard start < answer.treeSize else {
      step = .end(more: false)
      return start == answer.from ? try lastCheckpoint(reader) : nil
    }
    var page = try reader.leaves(
      from: start, countMax: Self.pageLeaves, bytesMax: Self.pageBytes
    ).filter { $0.index < answer.treeSize }
    guard let last = page.last else {
      throw StoreFailure.corrupt("leaf \(start) is missing")
    }
    let stored = try reader.checkpoints(after: start, upTo: last.index + 1).last
    if let stored { page.removeAll { $0.index >= stored.size } }
    var bytes: [UInt8] = []
    for leaf in page { bytes += try encoded(entry(leaf)) }
    guard fits(page.count, bytes.count) || !isCovered || sentEntries == 0 else {
      step = .end(more: true)
      return nil
    }
    sentEntries += page.count
    sentBytes += bytes.count
    isCovered = stored != nil
    step = .entries(from: start + UInt64(page.count))
    return try bytes + (stored.map { try checkpoint($0.note) } ?? [])
  }

  private func fits(_ entries: Int, _ bytes: Int) -> Bool {
    sentEntries + entries <= Limits.responseEntriesMax
      && sentBytes + bytes <= Limits.responseBytesMax
  }

  private func entry(_ leaf: StoredLeaf) -> WireResponseFrame {
    var frame = WireResponseFrame()
    frame.entry.index = leaf.index
    frame.entry.leaf = Data(leaf.leafBytes)
    if let batch = answer.batchByLeaf[leaf.index] {
      frame.entry.pushed = batch
    } else {
      frame.entry.batch = Data(leaf.batchBytes)
    }
    return frame
  }
}
