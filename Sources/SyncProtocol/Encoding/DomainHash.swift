import Crypto
package import MergeCore

/// SHA-256 with a label before the data, so that no hash of one purpose is one of another.
///
/// The label is ASCII and ends with a zero byte (`Protocol/README.md`, "Hashes").
package enum DomainHash {
  package static func digest(_ label: StaticString, _ parts: [UInt8]...) -> Digest256 {
    var hash = SHA256()
    label.withUTF8Buffer { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    hash.update(data: [0])
    for part in parts { hash.update(data: part) }
    return Digest256(finished: hash)
  }

  /// Plain SHA-256: of contents, which anybody may recompute with any tool.
  package static func plain(_ bytes: [UInt8]) -> Digest256 {
    var hash = SHA256()
    hash.update(data: bytes)
    return Digest256(finished: hash)
  }

  /// The hash of one element of the state digest.
  package static func element(_ element: DigestElement, of record: RecordID) -> Digest256 {
    digest("hashiya/v1/element", element.encoded(in: record, rules: mergeRulesVersion))
  }
}

extension Digest256 {
  init(finished hash: SHA256) {
    guard let digest = Digest256(Array(hash.finalize())) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    self = digest
  }
}

extension ReplicaID {
  /// The replica of a public key: the first 16 bytes of a labelled hash of the 32 key bytes.
  package init(publicKey: [UInt8]) {
    let hash = DomainHash.digest("hashiya/v1/replica", publicKey).bytes
    guard let id = ReplicaID(hash.prefix(16)) else { preconditionFailure("16 bytes are an id") }
    self = id
  }
}

/// The identity of a workspace: the hash of its genesis skeleton, 32 bytes.
package func workspaceID(genesisSkeleton: [UInt8]) -> Digest256 {
  DomainHash.digest("hashiya/v1/workspace", genesisSkeleton)
}

/// The chain hash after a change: of the hash before it, its skeleton's hash, and the commitments
/// to its contents in order.
package func chainHash(after previous: Digest256, skeleton: [UInt8], commitments: [Digest256])
  -> Digest256
{
  DomainHash.digest(
    "hashiya/v1/change", previous.bytes, DomainHash.plain(skeleton).bytes,
    commitments.flatMap(\.bytes))
}

/// The commitment to a content under a 32-byte salt.
package func contentCommitment(salt: [UInt8], value: [UInt8]) -> Digest256 {
  DomainHash.digest("hashiya/v1/content", salt, value)
}

/// The identity of a batch: the hash of its header, which holds the chain hash.
package func batchDigest(header: [UInt8]) -> Digest256 {
  DomainHash.digest("hashiya/v1/batch", header)
}
