import AnnotationModel
import MergeCore
import Testing

@Suite struct SchemaTests {
  @Test func `the schema has the kinds, fields and types that were fixed`() {
    let schema = AnnotationSchema.schema
    #expect(schema.kinds.keys.map(\.rawValue).sorted() == [1, 2, 3, 4, 5])
    let counts: [(RecordKind, Int, Int, Int)] = [
      (.article, 4, 32, 0), (.annotation, 5, 16, 1), (.relation, 2, 16, 2), (.reply, 2, 16, 1),
      (.label, 2, 32, 0),
    ]
    for (kind, fields, idBytes, touches) in counts {
      #expect(schema.kinds[kind]?.fields.count == fields)
      #expect(schema.kinds[kind]?.idByteCount == idBytes)
      #expect(schema.kinds[kind]?.createsWithContent == (idBytes == 32))
      #expect(schema.kinds[kind]?.touchesAtCreation == touches)
    }
    #expect(schema.type(of: AnnotationField.tags, in: .annotation) == .set)
    #expect(schema.type(of: AnnotationField.label, in: .annotation) == .register)
    #expect(schema.type(of: FieldID(rawValue: 9), in: .annotation) == nil)
  }

  @Test func `JSON names lead to their fields and back`() {
    for (kind, description) in AnnotationSchema.schema.kinds {
      let name = AnnotationSchema.name(of: kind)
      #expect(name.flatMap { AnnotationSchema.kind(named: $0) } == kind)
      for field in description.fields.keys {
        let name = AnnotationSchema.name(of: field, in: kind)
        #expect(name.flatMap { AnnotationSchema.field(named: $0, in: kind) } == field)
        #expect(AnnotationSchema.valueType(of: field, in: kind) != nil)
      }
    }
    #expect(AnnotationSchema.fieldNames(of: .annotation).count == 5)
    #expect(AnnotationSchema.field(named: "lifecycle", in: .annotation) == nil)
    #expect(AnnotationSchema.name(of: RecordKind(rawValue: 99)) == nil)
  }

  @Test func `the ends of a relation decode to what was encoded, whatever the lengths`() throws {
    let made = try #require(RecordID(kind: .annotation, bytes: [UInt8](repeating: 1, count: 16)))
    let hashed = try LabelID(name: "x").record
    for (from, to) in [(made, made), (made, hashed), (hashed, made), (hashed, hashed)] {
      let ends = RelationEnds(from: from, to: to)
      #expect(RelationEnds(encoded: ends.encoded) == ends)
      #expect(RelationEnds(encoded: Array(ends.encoded.dropLast())) == nil)
      #expect(RelationEnds(encoded: ends.encoded + [0]) == nil)
    }
    #expect(RelationEnds(encoded: []) == nil)
    #expect(RelationEnds(encoded: [0]) == nil)
  }

  @Test func `values decode by their field's type to the same bytes`() throws {
    let label = try LabelID(name: "x")
    let samples: [(FieldValueType, [UInt8])] = [
      (.bytes, [0xFF, 0]), (.text(.note), Array("e\u{301}".utf8)), (.label, label.bytes),
      (.confidence, [0, 0, 0, 7]), (.record, label.record.encoded),
      (.ends, RelationEnds(from: label.record, to: label.record).encoded),
    ]
    for (type, bytes) in samples {
      #expect(FieldValue(bytes, as: type)?.encoded == bytes)
    }
    #expect(FieldValue([0xFF], as: .text(.note)) == nil)
    #expect(FieldValue([1], as: .label) == nil)
    #expect(FieldValue([1], as: .target) == nil)
  }
}
