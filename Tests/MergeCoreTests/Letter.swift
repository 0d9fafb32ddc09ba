import MergeCore

/// One kind of operation that the exhaustive traces are spelled with.
enum Letter: Character, CaseIterable {
  case create = "c"
  case touch = "t"
  case writeX = "X"
  case writeY = "Y"
  case resolveX = "R"
  case resolveY = "S"
  case add = "+"
  case remove = "-"
  case delete = "D"
  case restore = "U"
  /// A resolution of the lifecycle: the record goes, or it stays.
  case resolveDeleted = "d"
  case resolveLive = "u"
  /// A second register, and a second element of the set.
  case writeOtherX = "x"
  case writeOtherY = "y"
  case addOther = "*"
  case removeOther = "/"

  /// Every kind of operation on one register and one element.
  static let ofOneField = allCases.filter { !["x", "y", "*", "/"].contains($0.rawValue) }

  /// Whether a log's values X and Y may be exchanged until one of these stands in it.
  var writesFirstValue: Bool { self == .writeX || self == .resolveX }

  /// Whether it stands for itself only once the value X is taken.
  var writesSecondValue: Bool { self == .writeY || self == .resolveY }

  /// The operation, with contents salted by the change that makes them.
  func operation(salt: UInt8, against: VectorClock?) -> Operation {
    Operation(record, action(salt), against: against, isResolution: isResolution)
  }

  private func action(_ salt: UInt8) -> Action {
    switch self {
    case .create: .create(nil)
    case .touch: .touch
    case .writeX, .resolveX: .write(note, Self.contents["X", salt])
    case .writeY, .resolveY: .write(note, Self.contents["Y", salt])
    case .add: .add(tags, Self.contents["e", salt])
    case .remove: .remove(tags, Self.contents["e", salt])
    case .delete, .resolveDeleted: .delete
    case .restore, .resolveLive: .restore
    case .writeOtherX: .write(target, Self.contents["X", salt])
    case .writeOtherY: .write(target, Self.contents["Y", salt])
    case .addOther: .add(tags, Self.contents["f", salt])
    case .removeOther: .remove(tags, Self.contents["f", salt])
    }
  }

  private var isResolution: Bool {
    switch self {
    case .resolveX, .resolveY, .resolveDeleted, .resolveLive: true
    default: false
    }
  }

  /// Contents made once: millions of traces use the same few.
  private struct Contents {
    private var byName: [Character: [Content]] = [:]

    init(_ values: [Character]) {
      for value in values {
        byName[value] = (0..<32).map { content(value, salt: $0) }
      }
    }

    subscript(value: Character, salt: UInt8) -> Content {
      guard let contents = byName[value] else { preconditionFailure("\(value) is no value") }
      return contents[Int(salt)]
    }
  }

  private static let contents = Contents(["X", "Y", "e", "f"])
}
