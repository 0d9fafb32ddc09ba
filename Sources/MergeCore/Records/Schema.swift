/// How the concurrent values of a field merge.
package enum FieldType: Hashable, Sendable {
  /// Multi-value: concurrent different values are kept side by side.
  case register
  /// Add-wins: an element that one adds while another removes it stays.
  case set
}

/// The kinds of records, their fields, and each field's type: a value, so that the merge knows
/// nothing of the application.
package struct Schema: Sendable {
  /// One kind of record.
  package struct Kind: Sendable {
    /// Each field's type.
    package var fields: [FieldID: FieldType]
    /// The length of ids of this kind: 16 or 32 bytes.
    package var idByteCount: Int
    /// Whether creating a record of this kind carries a content, which its id commits to.
    package var createsWithContent: Bool
    /// How many records the creation of such a record must touch.
    package var touchesAtCreation: Int
    /// Whether an id is the one that a content gives its record; asked of kinds created with one.
    package var isID: @Sendable (_ id: [UInt8], _ content: [UInt8]) -> Bool

    package init(
      fields: [FieldID: FieldType], idByteCount: Int, createsWithContent: Bool,
      touchesAtCreation: Int,
      isID: @escaping @Sendable (_ id: [UInt8], _ content: [UInt8]) -> Bool = { _, _ in true }
    ) {
      self.fields = fields
      self.idByteCount = idByteCount
      self.createsWithContent = createsWithContent
      self.touchesAtCreation = touchesAtCreation
      self.isID = isID
    }
  }

  package var kinds: [RecordKind: Kind]

  package init(kinds: [RecordKind: Kind]) { self.kinds = kinds }

  /// The type of a field; nil where the schema knows no such kind or field.
  package func type(of field: FieldID, in kind: RecordKind) -> FieldType? {
    kinds[kind]?.fields[field]
  }
}
