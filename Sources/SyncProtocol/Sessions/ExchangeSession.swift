import FoundationEssentials
import MergeCore
import SwiftProtobuf

/// What an exchange is for.
package enum ExchangeMode: Sendable {
  /// Batches in, everything new out.
  case sync
  /// Batches in, proofs out.
  case push
  /// Everything new out.
  case pull
}

/// A leaf and its batch, as received from a server or a bundle.
package struct ReceivedEntry: Sendable {
  package var index: UInt64
  package var leaf: [UInt8]
  package var batch: [UInt8]

  package init(index: UInt64, leaf: [UInt8], batch: [UInt8]) {
    self.index = index
    self.leaf = leaf
    self.batch = batch
  }
}

/// What became of one pushed batch.
package enum BatchOutcome: Sendable {
  /// In the log at this leaf; in a push with the leaf's bytes and inclusion proof.
  case accepted(leaf: UInt64, isKnown: Bool, leafBytes: [UInt8], proof: [[UInt8]])
  /// Refused whole; the evidence is the logged batch of a fork.
  case refused(Refusal, evidence: [UInt8])
}

/// The store's side of one exchange: frames in, actions out, no I/O.
///
/// The request is ``request``; every piece of the response goes to ``receive(_:)``, whose actions are
/// to be carried out in order. A response that breaks the order of frames is refused where it does.
package struct ExchangeSession: Sendable {
  /// What the caller is to do.
  package enum Action: Sendable {
    /// The server's tree size after the pushed batches.
    case welcome(treeSize: UInt64)
    case outcome(batch: Int, BatchOutcome)
    /// Take these leaves in; the note covers them. In a push there are none.
    case ingest([ReceivedEntry], checkpoint: [UInt8])
    case consistency(from: UInt64, to: UInt64, proof: [[UInt8]])
    /// The response is whole.
    case end(hasMore: Bool)
  }

  /// Why a response is not one.
  package enum Failure: Error, Hashable, Sendable {
    case frame(FrameError)
    case undecodable
    /// A frame that has no place where it stands.
    case unexpected(String)
    case otherProtocol(UInt32)
    case otherWorkspace
    /// The entries do not follow each other.
    case outOfOrder(expected: UInt64, received: UInt64)
    /// What no checkpoint covers yet, or the outcomes, are more than a whole response may be.
    case tooMuch
  }

  private enum Phase { case start, open, ended }

  private let mode: ExchangeMode
  private let workspace: [UInt8]
  private let batches: [[UInt8]]
  private var reader = FrameReader()
  private var phase = Phase.start
  private var nextOutcome = 0
  /// Which batches are refused: none of them can be a leaf's.
  private var refused = Set<Int>()
  /// Where the consistency proofs begin: the first at the store's size, a second at that of a larger
  /// checkpoint that the store has seen.
  private var proofsFrom: [UInt64] = []
  private var hasCheckpoint = false
  private var nextEntry: UInt64
  private var entries: [ReceivedEntry] = []
  /// Bytes of the frames that ``entries`` came in, and of all outcomes.
  private var entryBytes = 0
  private var outcomeBytes = 0

  /// The request's body: an opening, then each batch.
  package let request: [UInt8]

  /// - Parameters:
  ///   - workspace: the 32-byte identity that the server must name.
  ///   - checkpoint: the largest signed checkpoint seen, or empty.
  ///   - claim: the operator's secret when this exchange publishes, or empty.
  ///   - answerBytes: after how many bytes the answer shall end at its next checkpoint; 0 for the
  ///     server's own limit.
  package init(
    mode: ExchangeMode, workspace: [UInt8], context: SignedContext, checkpoint: [UInt8],
    claim: [UInt8], batches: [[UInt8]], answerBytes: UInt64 = 0
  ) {
    self.mode = mode
    self.workspace = workspace
    self.batches = batches
    nextEntry = context.treeSize
    var opening = WireOpening()
    opening.protocol = exchangeProtocolVersion
    opening.mode = mode.wire
    opening.context = context.wire
    opening.checkpoint = Data(checkpoint)
    opening.claim = Data(claim)
    opening.answerBytes = answerBytes
    var frame = WireRequestFrame()
    frame.opening = opening
    var body = framed(encodedBytes(frame))
    for batch in batches {
      frame.batch = Data(batch)
      body += framed(encodedBytes(frame))
    }
    request = body
  }

  /// Whether the response ended as it should.
  package var isComplete: Bool { phase == .ended && reader.isAtBoundary }

  private var hasAllOutcomes: Bool { nextOutcome == batches.count }

  /// Takes in the next piece of the response.
  package mutating func receive(_ bytes: some Sequence<UInt8>) throws(Failure) -> [Action] {
    reader.append(bytes)
    var actions: [Action] = []
    while let frame = try next() {
      guard let wire = try? WireResponseFrame(serializedBytes: frame), let kind = wire.frame else {
        throw .undecodable
      }
      if let action = try take(kind, byteCount: frame.count) { actions.append(action) }
    }
    return actions
  }

  private mutating func next() throws(Failure) -> [UInt8]? {
    do { return try reader.next() } catch { throw .frame(error) }
  }

  private mutating func take(_ frame: WireResponseFrame.OneOf_Frame, byteCount: Int)
    throws(Failure) -> Action?
  {
    switch (phase, frame) {
    case (.start, .welcome(let welcome)):
      guard welcome.protocol == exchangeProtocolVersion else {
        throw .otherProtocol(welcome.protocol)
      }
      guard welcome.workspace.array == workspace else { throw .otherWorkspace }
      phase = .open
      return .welcome(treeSize: welcome.treeSize)
    case (.open, .outcome(let outcome)):
      outcomeBytes += byteCount
      guard outcomeBytes <= Limits.responseBytesMax else { throw .tooMuch }
      return try take(outcome)
    case (.open, .entry(let entry)) where hasAllOutcomes:
      entryBytes += byteCount
      guard entries.count < Limits.responseEntriesMax, entryBytes <= Limits.responseBytesMax
      else { throw .tooMuch }
      try take(entry)
      return nil
    case (.open, .checkpoint(let note))
    where hasAllOutcomes && (!hasCheckpoint || !entries.isEmpty):
      defer { (entries, entryBytes) = ([], 0) }
      hasCheckpoint = true
      return .ingest(entries, checkpoint: note.array)
    case (.open, .consistency(let proof))
    where mode == .push && hasAllOutcomes && !hasCheckpoint && mayProve(from: proof.from):
      proofsFrom.append(proof.from)
      return .consistency(from: proof.from, to: proof.to, proof: proof.hashes.map(\.array))
    case (.open, .end(let end)) where hasCheckpoint && entries.isEmpty:
      phase = .ended
      return .end(hasMore: end.more)
    default:
      throw .unexpected("\(frame)".prefix { $0 != "(" }.description)
    }
  }

  private func mayProve(from size: UInt64) -> Bool {
    guard let last = proofsFrom.last else { return true }
    return proofsFrom.count < 2 && last < size
  }

  private mutating func take(_ outcome: WireOutcome) throws(Failure) -> Action {
    let index = nextOutcome
    guard outcome.batch == UInt32(index), index < batches.count else {
      throw .unexpected("outcome")
    }
    nextOutcome += 1
    switch outcome.outcome {
    case .accepted(let accepted):
      return .outcome(
        batch: index,
        .accepted(
          leaf: accepted.leafIndex, isKnown: accepted.known, leafBytes: accepted.leaf.array,
          proof: accepted.proof.map(\.array)))
    case .refused(let refused):
      guard let code = Refusal.Code(rawValue: refused.code) else { throw .undecodable }
      let counter = Counter(received: refused.counter)
      guard counter != nil || refused.counter == 0 else { throw .undecodable }
      let refusal = Refusal(code, counter, refused.detail)
      self.refused.insert(index)
      return .outcome(batch: index, .refused(refusal, evidence: refused.evidence.array))
    case nil: throw .undecodable
    }
  }

  private mutating func take(_ entry: WireEntry) throws(Failure) {
    guard mode != .push else { throw .unexpected("entry") }
    guard entry.index == nextEntry else {
      throw .outOfOrder(expected: nextEntry, received: entry.index)
    }
    nextEntry += 1
    guard entry.hasBatch != entry.hasPushed, entry.hasBatch || Int(entry.pushed) < batches.count
    else { throw .undecodable }
    guard entry.hasBatch || !refused.contains(Int(entry.pushed)) else {
      throw .unexpected("the entry of a refused batch")
    }
    let batch = entry.hasBatch ? entry.batch.array : batches[Int(entry.pushed)]
    entries.append(ReceivedEntry(index: entry.index, leaf: entry.leaf.array, batch: batch))
  }
}

/// The version of the exchange that this code speaks.
package let exchangeProtocolVersion: UInt32 = 1

extension ExchangeMode {
  package var wire: WireExchangeMode {
    switch self {
    case .sync: .sync
    case .push: .push
    case .pull: .pull
    }
  }
}
