import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// What a holder of lost leaves brings, every piece of it verified against the note that it begins with.
struct HealingRequest: Sendable {
  /// The root of the note's tree at an earlier size.
  struct Prefix: Sendable {
    var size: UInt64
    var root: Digest256
  }

  /// A leaf that is in the note's tree, and the batch that it names.
  struct Leaf: Sendable {
    var entry: ReceivedEntry
    var hash: Digest32
  }

  /// The log's key signed it.
  var note: ShownNotes.Shown
  var prefixes: [Prefix] = []
  var leaves: [Leaf] = []
}

/// Splits a healing request's body into frames, and looks at the note before it takes in more.
struct HealingRequestReader: Sendable {
  private let logKey: VerifierKey
  private var frames = FrameReader()
  private var byteCount = 0
  private var note: SignedCheckpoint?
  private var rest: [WireHealingFrame.OneOf_Frame] = []
  /// Whether what follows the note is thrown away.
  private var isNoteAlone = false
  private let refusal: Problem?

  /// - Parameter refusal: what the request's head is refused for, which only holders are told.
  init(logKey: VerifierKey, refusal: Problem? = nil) {
    self.logKey = logKey
    self.refusal = refusal
  }

  /// Whether the note has come, and the log's key signed it: before that, whoever sends is a stranger.
  var isHolder: Bool { note != nil }

  /// The leaves of the note's tree; 0 before the note has come.
  var noteSize: UInt64 { note?.checkpoint.size.rawValue ?? 0 }

  /// Whether anything came after the note.
  var bringsAnything: Bool { !rest.isEmpty }

  /// Throws away what came after the note, and what is still to come: none of it could be of use.
  mutating func keepNoteAlone() {
    isNoteAlone = true
    rest = []
    frames = FrameReader()
  }

  /// Takes in the next bytes of the body.
  mutating func append(_ bytes: some Collection<UInt8>) throws(Problem) {
    byteCount += bytes.count
    do {
      guard !isHolder || byteCount <= Limits.requestBytesMax else {
        throw Problem.bodyTooLarge(bytesMax: Limits.requestBytesMax)
      }
      guard !isNoteAlone else { return }
      frames.append(bytes)
      while let frame = try frames.next() { try take(frame) }
      // No note is longer, and nothing else is let in before one.
      guard isHolder || byteCount <= Limits.checkpointBytesMax + 64 else {
        throw Problem.notEnrolled
      }
    } catch {
      // Whoever is no holder is told as little as of a workspace that is not there.
      guard isHolder else { throw .notEnrolled }
      throw Self.problem(error)
    }
  }

  private static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case FrameError.badLength: .malformed("a frame's length is no varint of at most 5 bytes")
    case FrameError.tooLong(let length): .frameTooLong(length)
    default: .malformed("a frame does not decode")
    }
  }

  private mutating func take(_ bytes: [UInt8]) throws {
    let frame = try WireHealingFrame(serializedBytes: bytes)
    guard isHolder else {
      // Whoever does not hold the log's signature is told as little as of a workspace that is not there.
      guard case .checkpoint(let bytes)? = frame.frame,
        let signed = try? SignedCheckpoint(
          opening: bytes.array, origin: logKey.name.line, logKey: logKey)
      else { throw Problem.notEnrolled }
      note = signed
      if let refusal { throw refusal }
      return
    }
    switch frame.frame {
    case .prefix?:
      guard rest.count < ServerLimits.healingPrefixesMax, !rest.contains(where: Self.isLeaf) else {
        throw Problem.malformed(
          "at most \(ServerLimits.healingPrefixesMax) prefixes stand before all leaves")
      }
    case .leaf?: break
    case .checkpoint?: throw Problem.malformed("the note stands once, and first")
    case nil: throw Problem.malformed("a frame is of a kind that this version does not know")
    }
    if let kind = frame.frame { rest.append(kind) }
  }

  private static func isLeaf(_ frame: WireHealingFrame.OneOf_Frame) -> Bool {
    if case .leaf = frame { true } else { false }
  }

  /// The request, when its body is complete: every proof is checked, and every batch decoded.
  ///
  /// Needs no log, and so is done outside of the write turn. Linear in the bytes.
  ///
  /// - Parameter key: the key of a replica; nil where the log does not know it. A batch whose author is
  ///   known has to be signed by it, so that no other takes the place of the honest one.
  consuming func finish(
    knowing key: (ReplicaID) -> [UInt8]? = { _ in nil }
  ) throws(Problem) -> HealingRequest {
    guard let note, let root = Digest256(note.checkpoint.root.bytes) else { throw .notEnrolled }
    guard isNoteAlone || frames.isAtBoundary else {
      throw .malformed("the body ends within a frame")
    }
    var request = HealingRequest(
      note: ShownNotes.Shown(
        size: note.checkpoint.size.rawValue, root: root, note: note.note.encoded))
    for frame in rest {
      switch frame {
      case .prefix(let prefix): request.prefixes.append(try Self.checked(prefix, note.checkpoint))
      case .leaf(let leaf): request.leaves.append(try Self.checked(leaf, note.checkpoint, key))
      case .checkpoint: preconditionFailure("the note is kept apart")
      }
    }
    return request
  }

  private static func checked(
    _ wire: WireHeldPrefix, _ head: Checkpoint
  ) throws(Problem) -> HealingRequest.Prefix {
    let refusal = Problem.malformed("a prefix of \(wire.size) leaves is not the note's")
    guard let size = TreeSize(rawValue: wire.size), let root = Digest256(wire.root),
      let proof = digests(wire.proof)
    else { throw refusal }
    let old = size == 0 ? MerkleTree.emptyRoot : Digest32(bytes: root.bytes)
    guard let old else { throw refusal }
    do {
      try ConsistencyProof(hashes: proof).check(
        old: size, oldRoot: old, new: head.size, newRoot: head.root)
    } catch {
      throw refusal
    }
    return HealingRequest.Prefix(size: wire.size, root: root)
  }

  private static func checked(
    _ wire: WireHeldLeaf, _ head: Checkpoint, _ key: (ReplicaID) -> [UInt8]?
  ) throws(Problem) -> HealingRequest.Leaf {
    let bytes = wire.leaf.array
    let hash = MerkleTree.leafHash(bytes)
    guard let index = LeafIndex(rawValue: wire.index), let proof = digests(wire.proof),
      (try? InclusionProof(hashes: proof).check(
        leafHash: hash, at: index, size: head.size, root: head.root)) != nil,
      let leaf = Leaf(encoded: bytes)
    else { throw .malformed("leaf \(wire.index) is not proved to be in the note's tree") }
    let encoded = wire.batch.array
    if let outline = try? BatchOutline(of: encoded),
      let key = key(outline.header.replica) ?? outline.broughtKey, !outline.isSigned(by: key)
    {
      throw .malformed("the batch of leaf \(wire.index) is not signed by its author")
    }
    guard let batch = try? ReceivedBatch(decoding: encoded),
      Array(batch.header.digest.hex.utf8) == Array(leaf.batch.utf8)
    else { throw .malformed("the batch of leaf \(wire.index) is not the one that the leaf names") }
    return HealingRequest.Leaf(
      entry: ReceivedEntry(index: wire.index, leaf: bytes, batch: batch.bytes), hash: hash)
  }

  private static func digests(_ hashes: [Data]) -> [Digest32]? {
    guard hashes.count <= 64 else { return nil }
    let digests = hashes.compactMap { Digest32(bytes: $0) }
    return digests.count == hashes.count ? digests : nil
  }
}
