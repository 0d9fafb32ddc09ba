import FoundationEssentials
import GRDB
package import TransparencyLog

/// The stored hashes of a log, read in one batch an operation.
package struct StoredTree: HashReader {
  let db: Database

  package func readHashes(_ indexes: [StoredHashIndex]) throws(StoreFailure) -> [Digest32] {
    var hashes: [Digest32] = []
    hashes.reserveCapacity(indexes.count)
    for index in indexes {
      do {
        let bytes = try Data.fetchOne(
          db.cachedStatement(sql: "SELECT hash FROM tree_hash WHERE position = ?"),
          arguments: [Int64(position: index.rawValue)])
        guard let hash = bytes.flatMap({ Digest32(bytes: $0) }) else {
          throw StoreFailure.corrupt("tree hash \(index.rawValue) is missing")
        }
        hashes.append(hash)
      } catch {
        throw StoreFailure(error)
      }
    }
    return hashes
  }
}
