import SyncProtocol

/// One thing said otherwise than it is.
package struct Lie: Hashable, Sendable, CustomStringConvertible {
  /// How it is said otherwise.
  package enum Way: String, CaseIterable, Sendable {
    case removed, doubled, zeroed, raised, lowered, largest, bitChanged, cutShort, lengthened
    case emptied, swapped, invented, unknownField
    /// Of whole frames.
    case lost, repeated, overtaken
  }

  /// What it is about: `Message.field`, the message for an unknown field, the frame's field for a frame.
  package var part: String
  /// How that is said otherwise.
  package var way: Way
  /// The frame's position.
  package var frame: Int
  /// The positions of entries that lead from the frame to the place.
  package var path: [Int]

  /// The name and the place, for messages.
  package var description: String { "\(name) (frame \(frame), at \(path))" }

  /// What lists name it by.
  package var name: String { "\(part) \(way)" }
}

/// Every lie about some frames that can be told one at a time.
///
/// Generated from the schema and from honest frames: each field that stands there is removed, doubled and
/// given other values, each that does not is invented, and each message gets a field that nobody knows.
package struct LieCatalogue {
  /// The honest frames.
  package let frames: [WireTree]
  private let schema: WireSchema
  /// Values of each field in this and other honest frames, to be swapped in.
  private var pool: [String: [WireTree.Value]] = [:]
  /// The lies that change what the frames say, in their order.
  package private(set) var lies: [Lie] = []

  /// - Parameters:
  ///   - root: the frames' message.
  ///   - others: further honest frames, of any message, whose values are swapped in.
  ///   - part: whether a field is to be altered; all are by default.
  package init(
    _ frames: [[UInt8]], as root: String, in schema: WireSchema, beside others: [WireTree] = [],
    where isChosen: (_ part: String) -> Bool = { _ in true }
  ) throws {
    self.schema = schema
    self.frames = try frames.map { bytes in
      guard let tree = WireTree(bytes, as: root, in: schema), tree.encoded == bytes else {
        throw ProcessFailure("an honest \(root) is not what the schema says")
      }
      return tree
    }
    for tree in self.frames + others { collect(tree) }
    var lies: [Lie] = []
    for (index, tree) in self.frames.enumerated() {
      lies += frameLies(index, tree)
      lies += fieldLies(index, tree, [])
    }
    let catalogue = self
    self.lies = lies.filter { isChosen($0.part) && catalogue.told($0) != catalogue.frames }
  }

  /// The first place of each part and way in several catalogues, and the last: by catalogue, in order.
  package static func few(_ catalogues: [LieCatalogue]) -> [[Lie]] {
    let all = catalogues.enumerated().flatMap { index, catalogue in
      catalogue.lies.map { (index: index, lie: $0) }
    }
    var kept = catalogues.map { _ in [Lie]() }
    var first: Set<String> = []
    var last: [String: Int] = [:]
    for (place, entry) in all.enumerated() { last[entry.lie.name] = place }
    for (place, entry) in all.enumerated()
    where first.insert(entry.lie.name).inserted || last[entry.lie.name] == place {
      kept[entry.index].append(entry.lie)
    }
    return kept
  }

  private mutating func collect(_ tree: WireTree) {
    for entry in tree.entries {
      if let field = field(entry.number, of: tree.name) {
        let part = "\(tree.name).\(field.name)"
        let isKnown = pool[part]?.contains(entry.value) ?? false
        if !isKnown { pool[part, default: []].append(entry.value) }
      }
      if case .message(let inner) = entry.value { collect(inner) }
    }
  }

  private func field(_ number: UInt64, of message: String) -> WireSchema.Field? {
    schema.fields[message]?.first { $0.number == number }
  }

  private func part(_ entry: WireTree.Entry, of tree: WireTree) -> String {
    "\(tree.name).\(field(entry.number, of: tree.name)?.name ?? "\(entry.number)")"
  }

  private func frameLies(_ index: Int, _ tree: WireTree) -> [Lie] {
    guard let first = tree.entries.first else { return [] }
    let part = part(first, of: tree)
    var ways: [Lie.Way] = [.lost, .repeated]
    if index + 1 < frames.count { ways.append(.overtaken) }
    return ways.map { Lie(part: part, way: $0, frame: index, path: []) }
  }

  private func fieldLies(_ frame: Int, _ tree: WireTree, _ path: [Int]) -> [Lie] {
    var lies = [Lie(part: tree.name, way: .unknownField, frame: frame, path: path)]
    for (position, entry) in tree.entries.enumerated() {
      let part = part(entry, of: tree)
      for way in ways(entry.value, part) {
        lies.append(Lie(part: part, way: way, frame: frame, path: path + [position]))
      }
      if case .message(let inner) = entry.value {
        lies += fieldLies(frame, inner, path + [position])
      }
    }
    let present = Set(tree.entries.map(\.number))
    for field in schema.fields[tree.name] ?? [] where !present.contains(field.number) {
      lies.append(
        Lie(part: "\(tree.name).\(field.name)", way: .invented, frame: frame, path: path))
    }
    return lies
  }

  private func ways(_ value: WireTree.Value, _ part: String) -> [Lie.Way] {
    var ways: [Lie.Way] = [.removed, .doubled]
    if pool[part]?.contains(where: { $0 != value }) == true { ways.append(.swapped) }
    switch value {
    case .number(let number):
      ways += number > 1 ? [.zeroed, .raised, .lowered, .largest] : [.zeroed, .raised, .largest]
    case .bytes(let bytes):
      ways.append(.lengthened)
      if !bytes.isEmpty { ways += [.emptied, .zeroed, .bitChanged, .cutShort] }
    case .message: ways += [.emptied, .cutShort]
    }
    return ways
  }
}

// MARK: - Telling them

extension LieCatalogue {
  /// The frames with one lie among them.
  package func told(_ lie: Lie) -> [WireTree] {
    var told = frames
    switch lie.way {
    case .lost: told.remove(at: lie.frame)
    case .repeated: told.insert(frames[lie.frame], at: lie.frame)
    case .overtaken: told.swapAt(lie.frame, lie.frame + 1)
    default: told[lie.frame] = altered(frames[lie.frame], lie)
    }
    return told
  }

  /// The bytes of a stream of the frames with one lie among them.
  package func stream(_ lie: Lie) -> [UInt8] { told(lie).flatMap { framed($0.encoded) } }

  private func altered(_ frame: WireTree, _ lie: Lie) -> WireTree {
    var frame = frame
    switch lie.way {
    case .unknownField:
      frame[lie.path].entries.append(.init(number: 1_000, value: .number(1)))
    case .invented:
      var inner = frame[lie.path]
      let name = lie.part.split(separator: ".").last.map(String.init) ?? ""
      if let field = schema.fields[inner.name]?.first(where: { $0.name == name }) {
        inner.entries.append(.init(number: field.number, value: invented(field, lie.part)))
      }
      frame[lie.path] = inner
    default:
      guard let position = lie.path.last else { return frame }
      var inner = frame[lie.path.dropLast()]
      alter(&inner.entries, position, lie)
      frame[lie.path.dropLast()] = inner
    }
    return frame
  }

  private func invented(_ field: WireSchema.Field, _ part: String) -> WireTree.Value {
    if let value = pool[part]?.first { return value }
    return switch field.kind {
    case .number: .number(1)
    case .text: .bytes(Array("x".utf8))
    case .bytes: .bytes([UInt8](repeating: 1, count: 32))
    case .message, .encoded: .bytes([])
    }
  }

  private func alter(_ entries: inout [WireTree.Entry], _ position: Int, _ lie: Lie) {
    let entry = entries[position]
    switch lie.way {
    case .removed: entries.remove(at: position)
    case .doubled: entries.insert(entry, at: position)
    case .swapped:
      let others = pool[lie.part]?.filter { $0 != entry.value }
      entries[position].value = others?.first ?? entry.value
    default: entries[position].value = altered(entry.value, lie.way)
    }
  }

  private func altered(_ value: WireTree.Value, _ way: Lie.Way) -> WireTree.Value {
    switch value {
    case .number(let number):
      switch way {
      case .zeroed: return .number(0)
      case .raised: return .number(number + 1)
      case .lowered: return .number(number - 1)
      default: return .number(.max)
      }
    case .message(let tree):
      return .bytes(way == .emptied ? [] : Array(tree.encoded.dropLast()))
    case .bytes(var bytes):
      switch way {
      case .emptied: return .bytes([])
      case .zeroed: return .bytes([UInt8](repeating: 0, count: bytes.count))
      case .cutShort: return .bytes(bytes.dropLast())
      case .lengthened: return .bytes(bytes + [0x31])
      default:
        bytes[bytes.count / 2] ^= 1
        return .bytes(bytes)
      }
    }
  }
}
