import FoundationEssentials
import GRDB
package import MergeCore
import SwiftProtobuf
package import SyncProtocol
package import TransparencyLog

/// A leaf of the log with its batch, and the proof that it is in the tree of a signed note: what gives a
/// server a leaf back that it lost.
package struct HeldLeaf: Sendable {
  package var index: UInt64
  package var leafBytes: [UInt8]
  package var batchBytes: [UInt8]
  package var proof: InclusionProof

  package init(index: UInt64, leafBytes: [UInt8], batchBytes: [UInt8], proof: InclusionProof) {
    self.index = index
    self.leafBytes = leafBytes
    self.batchBytes = batchBytes
    self.proof = proof
  }
}

/// A signed note under which a store can prove leaves.
package enum LeafHolding: Hashable, Sendable {
  /// The log here, and the checkpoint of its end: every leaf.
  case log(note: [UInt8], size: UInt64)
  /// What pushes proved, and no pull has brought yet.
  case pushed(note: [UInt8])

  package var note: [UInt8] {
    switch self {
    case .log(let note, _), .pushed(let note): note
    }
  }
}

extension WorkspaceReader {
  /// The notes under which this store can prove leaves of the log, its own tree first.
  package func leafHoldings() throws -> [LeafHolding] {
    var holdings: [LeafHolding] = []
    if let stored = try log.checkpoint(ofAtMost: log.treeSize), stored.size == log.treeSize {
      holdings.append(.log(note: stored.note, size: stored.size))
    }
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM held_leaf WHERE position IN (
          SELECT MIN(position) FROM held_leaf GROUP BY note)
        ORDER BY position
        """)
    return try holdings
      + rows.map { row in
        .pushed(note: try row.sealed(in: "held_leaf").bytes("note"))
      }
  }

  /// The first leaf in a range that a holding proves; nil when there is none.
  package func heldLeaf(in range: Range<UInt64>, of holding: LeafHolding) throws -> HeldLeaf? {
    switch holding {
    case .log(_, let size):
      guard range.lowerBound < min(range.upperBound, size),
        let stored = try log.leaf(at: range.lowerBound)
      else { return nil }
      return HeldLeaf(
        index: stored.index, leafBytes: stored.leafBytes, batchBytes: stored.batchBytes,
        proof: try InclusionProof(
          leaf: LeafIndex(stored.index), size: TreeSize(size), from: log.tree))
    case .pushed(let note):
      return try Row.fetchOne(
        db,
        sql: """
          SELECT * FROM held_leaf WHERE note = ? AND position >= ? AND position < ?
          ORDER BY position LIMIT 1
          """,
        arguments: [
          note.blob, Int64(position: range.lowerBound), Int64(position: range.upperBound),
        ]
      ).map { try HeldLeaf($0.sealed(in: "held_leaf")) }
    }
  }

  /// The root of the log here at an earlier size, and the proof that it leads to the holding's note;
  /// nil where the holding has no such prefix.
  package func heldPrefix(ofSize size: UInt64, of holding: LeafHolding) throws -> (
    root: Digest256, proof: ConsistencyProof
  )? {
    guard case .log(_, let end) = holding, size > 0, size <= end else { return nil }
    return (
      try log.root(ofSize: size),
      try ConsistencyProof(old: TreeSize(size), new: TreeSize(end), from: log.tree)
    )
  }
}

extension WorkspaceReader {
  /// The leaves that no pull has brought, as healing frames: of each note, the note and then its leaves.
  func heldFrames() throws -> [[UInt8]] {
    var frames: [[UInt8]] = []
    for holding in try leafHoldings() {
      guard case .pushed(let note) = holding else { continue }
      var head = WireHealingFrame()
      head.checkpoint = Data(note)
      frames.append(try head.serializedBytes())
      var next: UInt64 = 0
      while let leaf = try heldLeaf(in: next..<Limits.counterMax, of: holding) {
        var frame = WireHealingFrame()
        frame.leaf = leaf.wire
        frames.append(try frame.serializedBytes())
        next = leaf.index + 1
      }
    }
    return frames
  }
}

extension HeldLeaf {
  /// The leaf as a healing request carries it.
  package var wire: WireHeldLeaf {
    var wire = WireHeldLeaf()
    wire.index = index
    wire.leaf = Data(leafBytes)
    wire.batch = Data(batchBytes)
    wire.proof = proof.hashes.map { Data($0.bytes) }
    return wire
  }

  fileprivate init(_ row: Row) throws {
    let hashes = try row.bytes("proof")
    self.init(
      index: try row.size("position"), leafBytes: try row.bytes("bytes"),
      batchBytes: try row.bytes("batch"),
      proof: InclusionProof(
        hashes: stride(from: 0, to: hashes.count, by: Digest32.byteCount).compactMap {
          Digest32(bytes: hashes[$0..<min($0 + Digest32.byteCount, hashes.count)])
        }))
  }
}

extension Database {
  /// Keeps own leaves that a push proved: until a pull brings them, nobody else may have them.
  func keep(_ leaves: [HeldLeaf], note: [UInt8]) throws {
    for leaf in leaves {
      try insertSealed(
        into: "held_leaf",
        [
          Int64(leaf.index), leaf.leafBytes.blob, leaf.batchBytes.blob,
          leaf.proof.hashes.flatMap(\.bytes).blob, note.blob,
        ], .replace)
    }
  }

  /// Forgets the leaves that the log here has by now.
  func forgetHeldLeaves(before size: UInt64) throws {
    try execute(sql: "DELETE FROM held_leaf WHERE position < ?", arguments: [Int64(size)])
  }
}

extension Workspace {
  /// Remembers that the server told why it takes nothing in: for `status`, until a sync succeeds.
  package func rememberRestoredServer(_ explanation: String) throws {
    try logDatabase.write { db in try db.set(.serverRestored, explanation) }
  }
}
