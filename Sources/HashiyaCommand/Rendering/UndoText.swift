import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// What `undo` came to, as people read it.
struct UndoText {
  /// A line for each part that stands again, or one that says why nothing changed.
  let lines: [StyledText]

  init(_ undone: Undone, _ references: References) throws {
    guard undone.made != nil else {
      lines = [
        "it is so already: a label that is in use stays; hashiya undo goes on to the change before"
      ]
      return
    }
    let when: StyledText = "\(TimeText.short(undone.time), .dim)"
    lines = try undone.parts.map { part in
      "undone: " + (try Self.sentence(part, references)) + "  (your change of " + when + ")"
    }
  }

  private static func sentence(_ part: UndonePart, _ references: References) throws -> StyledText {
    let name: StyledText = "\(try name(part.record, references), .strong)"
    switch part.standing {
    case .values(let siblings) where siblings.allSatisfy(\.value.isNothing):
      return part.isMerge
        ? name + " stands for itself again" : name + " has no \(part.fieldName, .accent) again"
    case .values(let siblings) where part.isMerge && siblings.count == 1:
      return name + " is merged into " + ValueText.word(siblings[0].value) + " again"
    case .values(let siblings):
      let field: StyledText = "the \(part.fieldName, .accent) of " + name
      guard let first = siblings.first, siblings.count > 1 else {
        return field + " is " + (siblings.first.map { ValueText.word($0.value) } ?? "unset")
          + " again"
      }
      let rest = siblings.dropFirst().map { ", \($0.analyst): " + ValueText.word($0.value) }
      return field + " has several values again: \(first.analyst): " + ValueText.word(first.value)
        + rest.reduce("", +)
    case .element(let element, let isPresent):
      return "\(part.fieldName, .accent): " + name + (isPresent ? " has " : " is without ")
        + "\(element) again"
    case .live: return name + " is there again"
    case .deleted: return name + " is deleted"
    case .contested(let siblings):
      let deleters = siblings.filter { $0.isDelete }.map(\.analyst).joined(separator: ", ")
      let others = siblings.filter { !$0.isDelete }.map(\.analyst).joined(separator: ", ")
      return name + " is deleted by \(deleters) and worked on by \(others), undecided again"
    }
  }

  /// An article by its file or title, anything else by its handle.
  private static func name(_ record: RecordID, _ references: References) throws -> String {
    record.kind == .article
      ? try references.name(ofArticle: record) : try references.reader.handle(of: record)
  }
}

extension UndonePart {
  /// Whether it is what a label is merged into.
  fileprivate var isMerge: Bool { record.kind == .label && fieldName == "merged" }
}

extension SiblingView {
  fileprivate var isDelete: Bool {
    if case .deleted = value { true } else { false }
  }
}
