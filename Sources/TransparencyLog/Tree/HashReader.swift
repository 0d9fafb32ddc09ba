/// Where a log's stored hashes are read from: the only way that input reaches this module.
///
/// Every operation makes one call with all that it needs, so a database answers with one query and
/// a network with one round of requests.
package protocol HashReader {
  /// What reading can fail with; `Never` for hashes in memory.
  associatedtype Failure: Error

  /// The hashes at `indexes`, one for each and in the same order.
  ///
  /// `indexes` may be in any order. A hash that is missing is an error of the reader; an answer of
  /// another length is a broken invariant and traps in the caller.
  func readHashes(_ indexes: [StoredHashIndex]) throws(Failure) -> [Digest32]
}

extension HashReader {
  /// Reads and insists on one hash for each index.
  func readExactly(_ indexes: [StoredHashIndex]) throws(Failure) -> [Digest32] {
    if indexes.isEmpty { return [] }
    let hashes = try readHashes(indexes)
    precondition(hashes.count == indexes.count, "a reader returns one hash for each index")
    return hashes
  }
}

/// A log's stored hashes in memory, in the order that `StoredHashIndex` describes.
///
/// For small logs, simulations and tests. Grows by about two hashes, 64 bytes, a leaf.
package struct StoredHashes: HashReader, Hashable, Sendable {
  /// The array; its index is a `StoredHashIndex`.
  package private(set) var hashes: [Digest32] = []
  private var accumulator = TreeAccumulator()

  /// The hashes of an empty log.
  package init() {}

  /// How many leaves have been appended.
  package var size: TreeSize { accumulator.size }

  /// The root over all leaves.
  package var root: Digest32 { accumulator.root }

  /// Appends one leaf and the nodes that it completes.
  package mutating func append(leafHash: Digest32) {
    hashes += accumulator.append(leafHash: leafHash)
  }

  /// The hashes at `indexes`, each of which must lie within the stored array.
  package func readHashes(_ indexes: [StoredHashIndex]) -> [Digest32] {
    indexes.map { hashes[Int($0.rawValue)] }
  }
}
