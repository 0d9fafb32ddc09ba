import FoundationEssentials
package import MergeCore
import SwiftProtobuf

/// A bundle file: leaves with their batches, the checkpoint that covers them, and pending batches to
/// be carried to the server like mail (DESIGN.md §5).
package struct Bundle: Sendable {
  package var workspace: Digest256
  /// The leaf that the entries start at, and the tree size that they reach.
  package var from: UInt64
  package var to: UInt64
  package var entries: [ReceivedEntry]
  /// The signed note at `to`; empty where `to` is 0, since there is no log yet.
  package var checkpoint: [UInt8]
  package var pending: [[UInt8]]
  /// Healing frames, encoded: leaves that pushes proved to the maker, and no pull has brought it; each
  /// run begins with the note that their proofs lead to.
  package var held: [[UInt8]]

  package init(
    workspace: Digest256, from: UInt64, to: UInt64, entries: [ReceivedEntry],
    checkpoint: [UInt8], pending: [[UInt8]], held: [[UInt8]] = []
  ) {
    self.workspace = workspace
    self.from = from
    self.to = to
    self.entries = entries
    self.checkpoint = checkpoint
    self.pending = pending
    self.held = held
  }
}

/// Why a file is not a bundle.
package enum BundleError: Error, Hashable, Sendable {
  /// It does not start as a bundle does.
  case notABundle
  /// It is a bundle of a newer version.
  case newerVersion
  /// It ends too early.
  case truncated
  /// Its bytes are not those that were written.
  case altered
}

extension Bundle {
  private static let magic = "hashiya-bundle 1\n"

  /// The file's bytes: the line `hashiya-bundle 1`, then frames; the last holds SHA-256 of
  /// everything before it.
  package var encoded: [UInt8] {
    var out = Array(Self.magic.utf8)
    var header = WireBundleHeader()
    header.workspace = Data(workspace.bytes)
    header.from = from
    header.to = to
    out += frame { $0.header = header }
    for entry in entries {
      var wire = WireEntry()
      wire.index = entry.index
      wire.leaf = Data(entry.leaf)
      wire.batch = Data(entry.batch)
      out += frame { $0.entry = wire }
    }
    if !checkpoint.isEmpty { out += frame { $0.checkpoint = Data(checkpoint) } }
    for bytes in held {
      guard let healing = try? WireHealingFrame(serializedBytes: bytes) else {
        preconditionFailure("healing frames are encoded by this program, or were decoded")
      }
      out += frame { $0.held = healing }
    }
    for batch in pending { out += frame { $0.pending = Data(batch) } }
    var end = WireBundleEnd()
    end.digest = Data(DomainHash.plain(out).bytes)
    return out + frame { $0.end = end }
  }

  private func frame(_ fill: (inout WireBundleFrame) -> Void) -> [UInt8] {
    var frame = WireBundleFrame()
    fill(&frame)
    return framed(encodedBytes(frame))
  }

  /// Reads a whole file; nothing of it counts unless its digest holds.
  package init(decoding bytes: [UInt8]) throws(BundleError) {
    let magic = Array(Self.magic.utf8)
    guard bytes.starts(with: magic) else {
      throw bytes.starts(with: magic.dropLast(2)) ? .newerVersion : .notABundle
    }
    var input = FrameReader()
    input.append(bytes.dropFirst(magic.count))
    var frames: [WireBundleFrame.OneOf_Frame] = []
    var end: WireBundleEnd?
    var offset = magic.count
    while end == nil {
      guard let (kind, length) = try Self.next(&input) else { throw .truncated }
      if case .end(let last) = kind { end = last } else { offset += length }
      frames.append(kind)
    }
    guard input.isAtBoundary, let digest = end?.digest.array,
      digest == DomainHash.plain(Array(bytes.prefix(offset))).bytes
    else { throw .altered }
    try self.init(frames.dropLast())
  }

  private static func next(_ input: inout FrameReader) throws(BundleError) -> (
    WireBundleFrame.OneOf_Frame, Int
  )? {
    let frame: [UInt8]?
    do { frame = try input.next() } catch { throw .altered }
    guard let frame else { return nil }
    guard let kind = (try? WireBundleFrame(serializedBytes: frame))?.frame else { throw .altered }
    return (kind, framed(frame).count)
  }

  private init(_ frames: some Collection<WireBundleFrame.OneOf_Frame>) throws(BundleError) {
    guard case .header(let header)? = frames.first, let workspace = Digest256(header.workspace)
    else { throw .altered }
    self.init(
      workspace: workspace, from: header.from, to: header.to, entries: [], checkpoint: [],
      pending: [])
    guard from <= Limits.counterMax else { throw .altered }
    for frame in frames.dropFirst() {
      // Entries from `from` on, then the checkpoint, then what else is held, then pending batches.
      switch frame {
      case .entry(let entry):
        guard entry.hasBatch, !entry.hasPushed, entry.index == from + UInt64(entries.count),
          checkpoint.isEmpty, held.isEmpty, pending.isEmpty
        else { throw .altered }
        entries.append(
          ReceivedEntry(index: entry.index, leaf: entry.leaf.array, batch: entry.batch.array))
      case .checkpoint(let note):
        guard checkpoint.isEmpty, held.isEmpty, pending.isEmpty, !note.isEmpty else {
          throw .altered
        }
        checkpoint = note.array
      case .held(let healing):
        guard pending.isEmpty, let bytes = try? healing.serializedBytes() as [UInt8] else {
          throw .altered
        }
        held.append(bytes)
      case .pending(let batch): pending.append(batch.array)
      case .header, .end: throw .altered
      }
    }
    guard from <= to, to <= Limits.counterMax, UInt64(entries.count) == to - from,
      checkpoint.isEmpty == (to == 0)
    else { throw .altered }
  }
}
