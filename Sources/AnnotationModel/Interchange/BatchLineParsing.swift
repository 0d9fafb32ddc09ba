extension BatchLine {
  /// Reads one line of a batch file, without its line end.
  ///
  /// Every key must be known to the operation and every value of its type. An optional key may be
  /// null, as in output of `list`; in an edit it may not, since null could also mean "remove".
  package init(parsing line: some RandomAccessCollection<UInt8>) throws(BatchLineError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line)
    } catch {
      throw .json(error)
    }
    guard case .object(let members) = value else { throw .notAnObject(value.type) }
    var line = BatchMembers(members)
    self = try Self.read(try line.operation(), from: &line)
    try line.finish()
  }

  private static func read(
    _ operation: BatchOperation, from line: inout BatchMembers
  ) throws(BatchLineError) -> BatchLine {
    let id = try line.identity("id")
    switch operation {
    case .article:
      return .article(
        id: id,
        BatchArticle(
          title: try line.optionalString("title"), text: try line.string("text"),
          file: try line.optionalString("file"), source: try line.optionalString("source"),
          isDeleted: try line.flag("deleted")))
    case .revise:
      return .revise(
        id: id, text: try line.string("text"), isCurrent: try line.flag("current"))
    case .label:
      return .label(
        id: id,
        BatchLabel(
          name: try line.string("name"), former: try line.tags("former"),
          isDeleted: try line.flag("deleted")))
    case .merge:
      return .merge(id: id, into: try line.identity("into"))
    case .annotate:
      return .annotate(id: id, try annotation(from: &line))
    case .edit:
      return .edit(id: id, try edit(from: &line))
    case .tag:
      return .tag(
        id: id, tag: try line.string("tag"), isDeleted: try line.flag("deleted"))
    case .untag:
      return .untag(id: id, tag: try line.string("tag"))
    case .delete:
      return .delete(id: id)
    case .restore:
      return .restore(id: id)
    case .reply:
      return .reply(
        id: id, parent: try line.identity("parent"), note: try line.string("note"),
        isDeleted: try line.flag("deleted"))
    case .relate:
      return .relate(
        id: id, from: try line.identity("from"), type: try line.string("type"),
        to: try line.identity("to"), isDeleted: try line.flag("deleted"))
    case .resolve:
      let field = try line.string("field")
      return .resolve(
        id: id, field: field, value: try decision(on: field, from: &line),
        reason: try line.string("reason"))
    }
  }

  private static func annotation(
    from line: inout BatchMembers
  ) throws(BatchLineError) -> BatchAnnotation {
    let annotation = BatchAnnotation(
      article: try line.identity("article"), spans: try line.optionalSpans("spans"),
      quote: try line.optionalString("quote"), version: try line.optionalString("version"),
      label: try line.optionalString("label"), note: try line.optionalString("note"),
      tags: try line.tags("tags"), confidence: try line.optionalConfidence("confidence"),
      isDeleted: try line.flag("deleted"))
    guard annotation.spans != nil || annotation.quote != nil else {
      throw .missingOneOf(["spans", "quote"])
    }
    return annotation
  }

  private static func edit(from line: inout BatchMembers) throws(BatchLineError) -> BatchEdit {
    let keys = ["label", "note", "confidence", "spans"]
    guard keys.contains(where: { line.has($0) }) else { throw .missingOneOf(keys) }
    return BatchEdit(
      label: line.has("label") ? try line.string("label") : nil,
      note: line.has("note") ? try line.string("note") : nil,
      confidence: line.has("confidence") ? try line.confidence("confidence") : nil,
      spans: line.has("spans") ? try line.spans("spans") : nil)
  }

  private static func decision(
    on field: String, from line: inout BatchMembers
  ) throws(BatchLineError) -> BatchValue {
    if UTF8Text.identical(field, AnnotationSchema.lifecycleName) {
      let state = try line.string("value")
      if UTF8Text.identical(state, "live") { return .lifecycle(isLive: true) }
      if UTF8Text.identical(state, "deleted") { return .lifecycle(isLive: false) }
      throw .unknownLifecycle(state)
    }
    switch AnnotationSchema.registerType(named: field) {
    case nil: throw .unknownField(field)
    case .confidence: return .confidence(try line.confidence("value"))
    case .target: return try target(from: &line)
    case .text, .label, .bytes, .record, .ends: return .text(try line.string("value"))
    }
  }

  private static func target(from line: inout BatchMembers) throws(BatchLineError) -> BatchValue {
    let value = try line.required("value")
    guard case .object(let members) = value else {
      throw .wrongType(key: "value", expected: "object", found: value.type)
    }
    var target = BatchMembers(members, inside: "value")
    let article = try target.optionalString("article")
    let spans = try target.spans("spans")
    let quote = try target.optionalString("quote")
    try target.finish()
    return .target(article: article, spans: spans, quote: quote)
  }
}
