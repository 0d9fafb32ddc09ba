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

  /// The identity that a first name's bytes make, as everybody who accepts a change judges it; nil for
  /// bytes that are no name.
  ///
  /// The rule knows no table of Unicode's, since programs with tables of different years must come to
  /// the same judgement: 1 to 256 bytes of UTF-8 without control characters, line or paragraph
  /// separators or bidi controls. That names are composed and trimmed is for their authors to see to.
  package init?(firstName bytes: [UInt8]) {
    guard (1...AnnotationLimits.nameBytes).contains(bytes.count),
      let scalars = try? UTF8Text.scalars(of: bytes), !scalars.contains(where: Self.isBarred)
    else { return nil }
    digest = sha256(Self.domain + bytes)
  }

  private static func isBarred(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x2028...0x2029: true
    default: BidiControl.contains(scalar)
    }
  }

  /// The label that a record is; nil when the record is of another kind.
  package init?(_ record: RecordID) {
    guard record.kind == .label else { return nil }
    self.init(bytes: record.bytes)
  }

  /// The record of this label.
  package var record: RecordID { contentRecord(.label, digest) }
}
