package import MergeCore

/// The identity of a label: the hash of its first name.
///
/// SHA-256 over the domain `hashiya/label/1`, a zero byte and the UTF-8 of the name in Unicode's
/// normal form C without white space at its ends. So two people who add a label of one name offline
/// have one label; whoever renames it later leaves its identity alone.
package struct LabelID: ContentIdentity {
  package let digest: MergeCore.Digest256

  private static let domain = Array("hashiya/label/1".utf8) + [0]

  package init(digest: MergeCore.Digest256) { self.digest = digest }

  /// The identity of the label first named `name`, under the rule of `TextField.labelName`.
  package init(name: String) throws(TextFieldError) {
    let accepted = try TextField.labelName.accept(name)
    digest = sha256(Self.domain + Array(accepted.utf8))
  }

  /// The label that a record is; nil when the record is of another kind.
  package init?(_ record: RecordID) {
    guard record.kind == .label else { return nil }
    self.init(bytes: record.bytes)
  }

  /// The record of this label.
  package var record: RecordID { contentRecord(.label, digest) }
}
