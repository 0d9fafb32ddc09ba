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
  package mutating func addLabel(_ name: String) throws -> Made {
    do {
      let choice = try label(named: name)
      return try make(choice.operations, on: choice.outcome.record)
    } catch AuthoringRefusal.retiredLabel(_, let records) where records.count == 1 {
      throw AuthoringRefusal.knownAndDeleted(records[0])
    }
  }

  /// The label that a name means, to be made where there is none.
  func label(named typed: String) throws -> LabelChoice {
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
      return LabelChoice(
        outcome: .made(
          id.record, name: name,
          nearest: nearest.flatMap { $0.isAlike(name) ? $0.entry.name : nil }),
        operations: [DraftOperation(id.record, .create(Array(name.utf8)))])
    }
  }

  /// Refuses to give a label the current name of another.
  func checkNameIsFree(_ name: String, for label: RecordID) throws {
    let accepted = String(
      decoding: try AuthoringRefusal.accept(name, as: .labelName), as: UTF8.self)
    switch try reader.codebook().lookUp(accepted) {
    case .current(let entry) where entry.id.record != label:
      throw AuthoringRefusal.ambiguousLabel(name, [entry.id.record])
    case .ambiguous(let entries):
      throw AuthoringRefusal.ambiguousLabel(name, entries.map(\.id.record))
    default:
      return
    }
  }
}
