package import MergeCore

/// What the bytes of a field mean.
package enum FieldValueType: Hashable, Sendable {
  /// An article's bytes as imported.
  case bytes
  /// UTF-8 under the rule of a text field.
  case text(TextField)
  /// A ``Target``.
  case target
  /// A ``LabelID``.
  case label
  /// A ``Confidence``.
  case confidence
  /// One record, as ``RecordID/encoded``.
  case record
  /// The two ends of a relation.
  case ends
}

/// A field's value, typed.
///
/// It is deliberately not `Equatable`: strings would compare by canonical equivalence. Values are
/// equal when their ``encoded`` bytes are.
package enum FieldValue: Sendable {
  case bytes([UInt8])
  case text(String)
  case target(Target)
  case label(LabelID)
  case confidence(Confidence)
  case record(RecordID)
  case ends(RelationEnds)

  /// The bytes that the field holds.
  package var encoded: [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .text(let text): Array(text.utf8)
    case .target(let target): target.encoded
    case .label(let label): label.bytes
    case .confidence(let confidence): confidence.encoded
    case .record(let record): record.encoded
    case .ends(let ends): ends.encoded
    }
  }

  /// Reads the bytes of a field of `type`; nil for bytes that ``encoded`` never gives.
  ///
  /// Text is read however long and whatever its characters: rules for text hold when it is typed,
  /// and may become wider in a later version.
  package init?(_ bytes: [UInt8], as type: FieldValueType) {
    let value: FieldValue? =
      switch type {
      case .bytes: .bytes(bytes)
      case .text: (try? UTF8Text.string(of: bytes)).map(FieldValue.text)
      case .target: (try? Target(encoded: bytes)).map(FieldValue.target)
      case .label: LabelID(bytes: bytes).map(FieldValue.label)
      case .confidence: Confidence(encoded: bytes).map(FieldValue.confidence)
      case .record: RecordID(encoded: bytes).map(FieldValue.record)
      case .ends: RelationEnds(encoded: bytes).map(FieldValue.ends)
      }
    guard let value else { return nil }
    self = value
  }
}

/// The two records that a relation links, in its direction.
package struct RelationEnds: Hashable, Sendable {
  /// The record that the relation starts at.
  package let from: RecordID
  /// The record that it points to.
  package let to: RecordID

  package init(from: RecordID, to: RecordID) {
    self.from = from
    self.to = to
  }

  /// The length of the first encoded record in one byte, the first, the second.
  ///
  /// Without the length, two records of 16 and 32 bytes could not be told from two of 32 and 16
  /// without knowing their kinds.
  package var encoded: [UInt8] {
    let first = from.encoded
    return [UInt8(first.count)] + first + to.encoded
  }

  /// Reads what ``encoded`` writes; nil for anything else.
  package init?(encoded bytes: [UInt8]) {
    guard let length = bytes.first.map(Int.init), bytes.count > 1 + length else { return nil }
    guard let from = RecordID(encoded: bytes[1..<1 + length]),
      let to = RecordID(encoded: bytes[(1 + length)...])
    else { return nil }
    self.init(from: from, to: to)
  }
}
