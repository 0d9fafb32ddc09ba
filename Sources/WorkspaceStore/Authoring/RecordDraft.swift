import AnnotationModel
import MergeCore
import SyncProtocol

/// Operations on one record being put together, under the rules for those who type them.
struct RecordDraft {
  let record: RecordID
  let state: RecordState
  let coverage: Coverage
  let against: VectorClock?
  private(set) var operations: [DraftOperation] = []

  init(_ record: RecordID, _ state: RecordState, _ coverage: Coverage, against: VectorClock?) {
    self.record = record
    self.state = state
    self.coverage = coverage
    self.against = against
  }

  /// The siblings of a register that a write would supersede.
  func covered(_ field: FieldID) -> [Sibling] {
    state.siblings(of: field).filter { coverage.covers($0.carriers) }
  }

  /// Writes a register; does nothing where it has the value (ruling 10).
  ///
  /// - Parameter implied: what the field holds while nobody has written it.
  mutating func write(_ field: FieldID, _ bytes: [UInt8], implied: Digest256 = nothing)
    throws(AuthoringRefusal)
  {
    let covered = covered(field)
    guard !covered.differ else { throw .inConflict(record, field) }
    let value = DomainHash.plain(bytes)
    let siblings = state.siblings(of: field)
    let isSo =
      siblings.isEmpty
      ? value == implied
      : siblings.allHold(value) || (!covered.isEmpty && covered.allHold(value))
    if !isSo { append(.write(field, bytes)) }
  }

  /// Adds an element to a set unless it is there.
  mutating func add(_ field: FieldID, _ bytes: [UInt8]) {
    if !isPresent(bytes, in: field) { append(.add(field, bytes)) }
  }

  /// Removes an element from a set if it is there.
  mutating func remove(_ field: FieldID, _ bytes: [UInt8]) {
    if isPresent(bytes, in: field) { append(.remove(field, bytes)) }
  }

  private func isPresent(_ bytes: [UInt8], in field: FieldID) -> Bool {
    let value = DomainHash.plain(bytes)
    return state.presentElements(of: field).contains { $0.value == value }
  }

  private mutating func append(_ action: DraftOperation.Action) {
    operations.append(DraftOperation(record, action, against: against))
  }

  /// The hash of no bytes: what an unwritten register holds, and one whose value was taken back.
  static let nothing = DomainHash.plain([])
}

extension [Sibling] {
  /// Whether every one of them holds the value.
  func allHold(_ value: Digest256) -> Bool { allSatisfy { $0.content?.value == value } }
}

extension RecordState {
  /// What a register that its creation implies holds before anybody writes it (ruling 26).
  var createdValue: Digest256? { creations.shown?.sibling.content?.value }
}

extension AuthoringRefusal {
  /// Text as a field takes it.
  static func accept(_ typed: String, as field: TextField) throws(AuthoringRefusal) -> [UInt8] {
    do {
      return Array(try field.accept(typed).utf8)
    } catch {
      throw .text(error)
    }
  }

  /// An article's text, checked.
  static func text(of bytes: [UInt8]) throws(AuthoringRefusal) -> ArticleText {
    do {
      return try ArticleText(importing: bytes)
    } catch {
      throw .articleText(error)
    }
  }

  /// A target in a text.
  static func target(
    _ article: ArticleID, _ text: ArticleText, _ spans: [Span]
  ) throws(AuthoringRefusal) -> Target {
    let target: Target
    do {
      target = try Target(article: article, text: text, spans: spans)
    } catch {
      throw .span(error)
    }
    let bytes = target.encoded.count
    guard bytes <= Limits.contentBytesMax else {
      let words = target.quotations.reduce(0) { $0 + UTF8Text.bytes(of: $1.exact).count }
      throw .passageTooLong(bytes: words, bytesMax: Limits.contentBytesMax - (bytes - words))
    }
    return target
  }
}
