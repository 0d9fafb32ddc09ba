package import AnnotationModel
package import MergeCore
import SyncProtocol

/// What a conflict is resolved to.
package enum ResolutionChoice: Sendable {
  /// The value of the sibling with this dot; of the lifecycle, what that change did.
  case sibling(Dot)
  /// A value as it is typed: text, a label's name, a decimal number, spans as `S:E S:E`.
  case text(String)
  case confidence(Confidence)
  /// Passages in `article`'s shown text, or else in the version that the shown sibling marks.
  case spans([Span], article: RecordID?)
  /// Bytes as the field holds them, such as an article's text.
  case bytes([UInt8])
  /// The record stays.
  case live
  /// The record goes.
  case deleted
}

extension WorkspaceEditor {
  /// Settles a conflict by an ordinary change that supersedes the siblings listed, with a reason.
  ///
  /// - Parameters:
  ///   - field: the register, or nil for the lifecycle.
  ///   - against: the record's clock when the siblings were listed; nil for when this store last
  ///     showed them (``Workspace/rememberListed(_:)``), or for this moment where it never did.
  ///     Siblings that it does not cover make it ``AuthoringRefusal/siblingsChanged(_:_:)``.
  package mutating func resolve(
    _ id: RecordID, _ field: FieldID?, with choice: ResolutionChoice, reason: String,
    against: VectorClock? = nil
  ) throws -> Made {
    let reason = String(
      decoding: try AuthoringRefusal.accept(reason, as: .reason), as: UTF8.self)
    let state = try existing(id)
    let listed = try against == nil ? reader.listedClock(id, field) : nil
    let coverage =
      try listed.map { .clock(try addingOwnWork(to: $0, on: id)) }
      ?? coverage(against, of: id)
    guard let field else {
      try checkLifecycle(id, state, coverage)
      let made = try resolveLifecycle(id, state, choice, reason: reason, against: against)
      try reader.forgetListed(id, field)
      return made
    }
    let siblings = state.siblings(of: field)
    guard siblings.allSatisfy({ coverage.covers($0.carriers) }) else {
      throw AuthoringRefusal.siblingsChanged(id, field)
    }
    guard !state.isDeleted else { throw AuthoringRefusal.deleted(id) }
    guard siblings.differ else { throw AuthoringRefusal.notInConflict(id, field) }
    let (bytes, also) = try value(of: choice, for: id, field, siblings)
    let write = DraftOperation(id, .write(field, bytes), against: against, reason: reason)
    let made = try make(also + [write], on: id)
    try reader.forgetListed(id, field)
    return made
  }

  /// What was listed, and whatever this store itself did to the record: one's own work since, such as
  /// the decision about another field from the same list, is no news.
  private func addingOwnWork(to clock: VectorClock, on id: RecordID) throws -> VectorClock {
    let own = try reader.ownReplicas()
    let dots = try reader.trace(of: id).carriers.map(\.dot).filter { own.contains($0.replica) }
    return VectorClock(clock.entries + dots)
  }

  private func checkLifecycle(_ id: RecordID, _ state: RecordState, _ coverage: Coverage) throws {
    let listed = state.deletions.map(\.sibling.carriers) + state.contestedTouches.map(\.carriers)
    guard listed.allSatisfy({ coverage.covers($0) }) else {
      throw AuthoringRefusal.siblingsChanged(id, nil)
    }
    guard state.isLifecycleInConflict else { throw AuthoringRefusal.notInConflict(id, nil) }
  }

  private mutating func resolveLifecycle(
    _ id: RecordID, _ state: RecordState, _ choice: ResolutionChoice, reason: String,
    against: VectorClock?
  ) throws -> Made {
    let isKept: Bool
    switch choice {
    case .live: isKept = true
    case .deleted: isKept = false
    case .text(let text) where UTF8Text.identical(text, "live"): isKept = true
    case .text(let text) where UTF8Text.identical(text, "deleted"): isKept = false
    case .sibling(let dot):
      if try reader.sibling(dot, among: state.deletions.map(\.sibling), id) != nil {
        isKept = false
      } else if state.contestedTouches.contains(where: { $0.carriers.map(\.dot).contains(dot) }) {
        isKept = true
      } else {
        throw AuthoringRefusal.noSuchSibling(id, nil, dot)
      }
    case .text, .confidence, .spans, .bytes:
      throw AuthoringRefusal.badValue(id, nil)
    }
    let action: DraftOperation.Action = isKept ? .restore : .delete
    return try make([DraftOperation(id, action, against: against, reason: reason)], on: id)
  }

  /// The bytes that a choice stands for, and what else the change has to do.
  private func value(
    of choice: ResolutionChoice, for id: RecordID, _ field: FieldID, _ siblings: [Sibling]
  ) throws -> (bytes: [UInt8], also: [DraftOperation]) {
    let type = AnnotationSchema.valueType(of: field, in: id.kind)
    switch choice {
    case .sibling(let dot):
      guard let sibling = try reader.sibling(dot, among: siblings, id) else {
        throw AuthoringRefusal.noSuchSibling(id, field, dot)
      }
      guard let value = sibling.content?.value, let bytes = try reader.content(value) else {
        throw AuthoringRefusal.contentMissing(id)
      }
      return (bytes, [])
    case .text(let text):
      return try value(typed: text, for: id, field, siblings)
    case .confidence(let confidence) where type == .confidence:
      return (confidence.encoded, [])
    case .spans(let spans, let article) where type == .target:
      if let article { return (try target(in: article, spans: spans).encoded, []) }
      return (try target(spans, inVersionOf: siblings.shown?.sibling, id).encoded, [])
    case .bytes(let bytes):
      guard let type, bytes.isEmpty || FieldValue(bytes, as: type) != nil else {
        throw AuthoringRefusal.badValue(id, field)
      }
      if type == .bytes { _ = try AuthoringRefusal.text(of: bytes) }
      return (bytes, [])
    case .confidence, .spans, .live, .deleted:
      throw AuthoringRefusal.badValue(id, field)
    }
  }

  private func value(
    typed text: String, for id: RecordID, _ field: FieldID, _ siblings: [Sibling]
  ) throws -> (bytes: [UInt8], also: [DraftOperation]) {
    switch AnnotationSchema.valueType(of: field, in: id.kind) {
    case .text(let rule):
      return (try AuthoringRefusal.accept(text, as: rule), [])
    case .label:
      let choice = try label(named: text)
      return (choice.bytes, choice.operations)
    case .confidence:
      do {
        return (try Confidence(parsing: text).encoded, [])
      } catch {
        throw AuthoringRefusal.confidence(error)
      }
    case .target:
      let spans = try text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x2C }).map {
        try Self.span(String($0) ?? "")
      }
      return (try target(spans, inVersionOf: siblings.shown?.sibling, id).encoded, [])
    case .bytes:
      let bytes = Array(text.utf8)
      _ = try AuthoringRefusal.text(of: bytes)
      return (bytes, [])
    case .record, .ends, nil:
      throw AuthoringRefusal.badValue(id, field)
    }
  }

  private static func span(_ text: String) throws(AuthoringRefusal) -> Span {
    do {
      return try Span(parsing: text)
    } catch {
      throw .span(error)
    }
  }
}

extension WorkspaceReader {
  /// The sibling whose value the change of this dot wrote, under any carrier.
  fileprivate func sibling(_ dot: Dot, among siblings: [Sibling], _ record: RecordID) throws
    -> Sibling?
  {
    let changes = ChangeReader(self)
    return try siblings.first { sibling in
      if sibling.source.origin == dot { return true }
      guard sibling.cited != nil else { return sibling.carriers.contains { $0.dot == dot } }
      return try placing(of: sibling, on: record, changes).dot == dot
    }
  }
}

extension RecordState {
  /// The touches that some unspent delete does not cover: what speaks for the record's life.
  var contestedTouches: [Touch] {
    let uncovered = Set(deletions.flatMap(\.uncovered))
    return touches.filter { uncovered.contains($0.dot) }
  }
}
