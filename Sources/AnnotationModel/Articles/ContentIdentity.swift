import Crypto
package import MergeCore

/// An identity that is the SHA-256 digest of what it names, so that two people who add the same
/// thing offline have one thing.
package protocol ContentIdentity: Hashable, Sendable {
  /// The digest.
  var digest: MergeCore.Digest256 { get }

  /// Takes a digest that was made before.
  init(digest: MergeCore.Digest256)
}

extension ContentIdentity {
  /// Takes exactly 32 bytes; nil for any other count.
  package init?(bytes: some Collection<UInt8>) {
    guard let digest = MergeCore.Digest256(bytes) else { return nil }
    self.init(digest: digest)
  }

  /// Reads 64 hexadecimal digits of either case; nil for anything else.
  package init?(hex: String) {
    guard let digest = MergeCore.Digest256(hex: hex) else { return nil }
    self.init(digest: digest)
  }

  /// The digest's 32 bytes.
  package var bytes: [UInt8] { digest.bytes }

  /// The digest as 64 lowercase hexadecimal digits.
  package var hex: String { digest.hex }
}

/// The identity of an article: the hash of its first version's bytes as they were imported.
package struct ArticleID: ContentIdentity {
  package let digest: MergeCore.Digest256

  package init(digest: MergeCore.Digest256) { self.digest = digest }

  /// The identity of the article whose first version is `content`.
  package init(firstVersion content: [UInt8]) { digest = sha256(content) }

  /// The article that a record is; nil when the record is of another kind.
  package init?(_ record: RecordID) {
    guard record.kind == .article else { return nil }
    self.init(bytes: record.bytes)
  }

  /// The record of this article.
  package var record: RecordID { contentRecord(.article, digest) }
}

/// The identity of one version of an article's text: the hash of its bytes as they were imported.
///
/// It hashes the bytes and not the text derived from them, so two files that differ in their line
/// ends alone are two versions.
package struct TextVersion: ContentIdentity {
  package let digest: MergeCore.Digest256

  package init(digest: MergeCore.Digest256) { self.digest = digest }

  /// The version whose imported bytes are `content`.
  package init(hashing content: [UInt8]) { digest = sha256(content) }
}

/// SHA-256 (FIPS 180-4) of `bytes`.
func sha256(_ bytes: [UInt8]) -> MergeCore.Digest256 {
  guard let digest = MergeCore.Digest256(Array(SHA256.hash(data: bytes))) else {
    preconditionFailure("SHA-256 has 32 bytes")
  }
  return digest
}

/// The record of a kind that is named by a digest.
func contentRecord(_ kind: RecordKind, _ digest: MergeCore.Digest256) -> RecordID {
  guard let record = RecordID(kind: kind, bytes: digest.bytes) else {
    preconditionFailure("a record may be named by 32 bytes")
  }
  return record
}
