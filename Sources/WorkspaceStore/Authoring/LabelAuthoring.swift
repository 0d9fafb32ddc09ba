import AnnotationModel
package import MergeCore
import SyncProtocol

/// What a typed label name came to.
package enum LabelOutcome: Sendable {
  /// A label that was there; its current name.
  case existing(RecordID, name: String)
  /// A new one, made in the same change; `nearest` is the name in use that differs least, where it is
  /// much alike (ruling 28).
  case made(RecordID, name: String, nearest: String?)

  /// The label.
  package var record: RecordID {
    switch self {
    case .existing(let record, _), .made(let record, _, _): record
    }
  }
}

/// A label looked up, with the operation that makes it where there was none.
struct LabelChoice {
  var outcome: LabelOutcome
  var operations: [DraftOperation]
  /// What the `label` register holds.
  var bytes: [UInt8] { outcome.record.bytes }
}

extension WorkspaceEditor {
  /// Adds a label to the codebook; one that is there, by a current or former name, is a no-op.
  ///
  /// So is the handle of one.
  package mutating func addLabel(_ name: String) throws -> Made {
    do {
      let choice = try label(named: name, mayLookLikeHandle: true)
      return try make(choice.operations, on: choice.outcome.record)
    } catch AuthoringRefusal.retiredLabel(_, let records) where records.count == 1 {
      throw AuthoringRefusal.knownAndDeleted(records[0])
    }
  }

  /// Adds a label under its first name and gives it those that it had since, so that it is the same
  /// label as in another workspace; one that has its name already is a no-op.
  ///
  /// - Parameters:
  ///   - former: its earlier names, the first one first.
  ///   - mayBeDeleted: whether one that is there and retired is a no-op too.
  package mutating func addLabel(
    _ name: String, former: [String], mayBeDeleted: Bool
  ) throws -> Made {
    let names = try (former + [name]).map {
      String(decoding: try AuthoringRefusal.accept($0, as: .labelName), as: UTF8.self)
    }
    let id: LabelID
    do {
      id = try LabelID(name: names[0])
    } catch {
      throw AuthoringRefusal.text(error)
    }
    let record = id.record
    if let state = try reader.state(of: record), !state.creations.isEmpty {
      guard UTF8Text.identical(try reader.name(of: id), names[names.count - 1]) else {
        throw AuthoringRefusal.existsDifferently(record)
      }
      guard mayBeDeleted || !state.isDeleted else {
        throw AuthoringRefusal.knownAndDeleted(record)
      }
      return Made(record: record, dot: nil)
    }
    var made = try make([DraftOperation(record, .create(Array(names[0].utf8)))], on: record)
    for name in names.dropFirst() {
      made = try make(
        [DraftOperation(record, .write(LabelField.name, Array(name.utf8)))], on: record)
    }
    return made
  }

  /// The label that a name, handle or whole id means, to be made where there is none; a name beats a
  /// handle.
  ///
  /// - Parameter mayLookLikeHandle: whether a name that reads like a handle may be made: not in passing,
  ///   where it is rather a handle mistyped.
  func label(named typed: String, mayLookLikeHandle: Bool = false) throws -> LabelChoice {
    if typed.utf8.count == 2 * Digest256.byteCount,
      let named = hexBytes(typed).flatMap({ RecordID(kind: .label, bytes: $0) }),
      let id = LabelID(named),
      let state = try reader.state(of: id.record), !state.creations.isEmpty
    {
      return LabelChoice(
        outcome: .existing(id.record, name: try reader.name(of: id)), operations: [])
    }
    let lookup: LabelLookup
    do {
      lookup = try reader.codebook().lookUp(typed)
    } catch let error as TextFieldError {
      throw AuthoringRefusal.text(error)
    }
    switch lookup {
    case .current(let entry), .alias(let entry):
      return LabelChoice(outcome: .existing(entry.id.record, name: entry.name), operations: [])
    case .ambiguous(let entries):
      throw AuthoringRefusal.ambiguousLabel(typed, entries.map(\.id.record))
    case .retired(let entries):
      throw AuthoringRefusal.retiredLabel(typed, entries.map(\.id.record))
    case .unknown(let id, let name, let nearest):
      if let known = try reader.label(byHandle: typed) { return try choice(ofHandle: known, typed) }
      guard mayLookLikeHandle || !HandleQuery.looksLikeHandle(name) else {
        throw AuthoringRefusal.looksLikeHandle(name)
      }
      return LabelChoice(
        outcome: .made(
          id.record, name: name,
          nearest: nearest.flatMap { $0.isAlike(name) ? $0.entry.name : nil }),
        operations: [DraftOperation(id.record, .create(Array(name.utf8)))])
    }
  }

  private func choice(ofHandle record: RecordID, _ typed: String) throws -> LabelChoice {
    let label = try LabelID(record).map { try reader.standing($0) }
    guard let label, try reader.state(of: label.record)?.isDeleted == false else {
      throw AuthoringRefusal.retiredLabel(typed, [label?.record ?? record])
    }
    return LabelChoice(
      outcome: .existing(label.record, name: try reader.name(of: label)), operations: [])
  }

  /// Refuses to give a label the current name of another: that would make two of one name.
  func checkNameIsFree(_ name: String, for label: RecordID) throws {
    let accepted = String(
      decoding: try AuthoringRefusal.accept(name, as: .labelName), as: UTF8.self)
    switch try reader.codebook().lookUp(accepted) {
    case .current(let entry) where entry.id.record != label:
      throw AuthoringRefusal.labelNameTaken(accepted, of: label, by: entry.id.record)
    case .ambiguous(let entries) where !entries.contains(where: { $0.id.record == label }):
      throw AuthoringRefusal.labelNameTaken(accepted, of: label, by: entries[0].id.record)
    default:
      return
    }
  }
}
