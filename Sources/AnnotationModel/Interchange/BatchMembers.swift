/// The members of one object of a batch line, taken out one after the other; what is left at the
/// end was not known.
struct BatchMembers {
  private var members: [JSONMember]
  private let path: String

  /// `outer` is the key that holds the object, when it is not the line itself.
  init(_ members: [JSONMember], inside outer: String? = nil) {
    self.members = members
    path = outer.map { $0 + "." } ?? ""
  }

  func has(_ key: String) -> Bool { members.contains { UTF8Text.identical($0.name, key) } }

  /// Refuses the first member that nobody asked for.
  func finish() throws(BatchLineError) {
    if let member = members.first { throw .unknownKey(path + member.name) }
  }

  mutating func operation() throws(BatchLineError) -> BatchOperation {
    let name = try string("op")
    let known = BatchOperation.allCases.first { UTF8Text.identical($0.rawValue, name) }
    guard let known else { throw .unknownOperation(name) }
    return known
  }

  mutating func required(_ key: String) throws(BatchLineError) -> JSONValue {
    guard let index = members.firstIndex(where: { UTF8Text.identical($0.name, key) }) else {
      throw .missing(key: path + key)
    }
    return members.remove(at: index).value
  }

  mutating func string(_ key: String) throws(BatchLineError) -> String {
    let value = try required(key)
    guard case .string(let text) = value else { throw mismatch(key, "string", value) }
    return text
  }

  mutating func identity(_ key: String) throws(BatchLineError) -> String {
    let text = try string(key)
    do {
      _ = try ExternalID(text)
    } catch {
      throw .identity(key: path + key, error)
    }
    return text
  }

  /// A number, or a string with one in it for programs that cannot write exact numbers.
  mutating func confidence(_ key: String) throws(BatchLineError) -> Confidence {
    let value = try required(key)
    switch value {
    case .number(let text), .string(let text):
      do {
        return try Confidence(parsing: text)
      } catch {
        throw .confidence(key: path + key, error)
      }
    case .null, .bool, .array, .object:
      throw mismatch(key, "number", value)
    }
  }

  mutating func spans(_ key: String) throws(BatchLineError) -> [Span] {
    let value = try required(key)
    guard case .array(let pairs) = value else { throw mismatch(key, "array", value) }
    var spans: [Span] = []
    for pair in pairs {
      guard case .array(let offsets) = pair, offsets.count == 2, let start = offset(offsets[0]),
        let end = offset(offsets[1])
      else { throw mismatch(key, "[[start, end], …]", pair) }
      spans.append(try checked(key) { () throws(SpanError) in try Span(start: start, end: end) })
    }
    return try checked(key) { () throws(SpanError) in try Span.ordered(spans) }
  }

  mutating func tags(_ key: String) throws(BatchLineError) -> [String] {
    guard has(key) else { return [] }
    let value = try required(key)
    if case .null = value { return [] }
    guard case .array(let elements) = value else { throw mismatch(key, "array", value) }
    guard elements.count <= AnnotationLimits.tagsPerLine else {
      throw .tooManyTags(elements.count)
    }
    var tags: [String] = []
    for element in elements {
      guard case .string(let tag) = element else {
        throw mismatch(key, "array of strings", element)
      }
      tags.append(tag)
    }
    return tags
  }

  /// True or false; false where the key is not there.
  mutating func flag(_ key: String) throws(BatchLineError) -> Bool {
    if isAbsent(key) { return false }
    let value = try required(key)
    guard case .bool(let flag) = value else { throw mismatch(key, "true or false", value) }
    return flag
  }

  mutating func optionalString(_ key: String) throws(BatchLineError) -> String? {
    isAbsent(key) ? nil : try string(key)
  }

  mutating func optionalSpans(_ key: String) throws(BatchLineError) -> [Span]? {
    isAbsent(key) ? nil : try spans(key)
  }

  mutating func optionalConfidence(_ key: String) throws(BatchLineError) -> Confidence? {
    isAbsent(key) ? nil : try confidence(key)
  }

  /// Whether an optional key is not there or null, which is then taken out.
  private mutating func isAbsent(_ key: String) -> Bool {
    guard let index = members.firstIndex(where: { UTF8Text.identical($0.name, key) }) else {
      return true
    }
    guard case .null = members[index].value else { return false }
    members.remove(at: index)
    return true
  }

  /// A whole number that an offset can be, or beyond every article; nil for anything else.
  private func offset(_ value: JSONValue) -> Int? {
    guard case .number(let text) = value else { return nil }
    return Int(text)
  }

  private func checked<Value>(
    _ key: String, _ body: () throws(SpanError) -> Value
  ) throws(BatchLineError) -> Value {
    do {
      return try body()
    } catch {
      throw .spans(key: path + key, error)
    }
  }

  private func mismatch(_ key: String, _ expected: String, _ found: JSONValue) -> BatchLineError {
    .wrongType(key: path + key, expected: expected, found: found.type)
  }
}
