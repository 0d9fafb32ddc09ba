import FoundationEssentials
import MergeCore
import SyncProtocol

// SQLite's blobs are `Data` to GRDB.

extension Digest256 {
  var blob: Data { Data(bytes) }
}

extension ReplicaID {
  var blob: Data { Data(bytes) }
}

extension RecordID {
  var blob: Data { Data(encoded) }
}
