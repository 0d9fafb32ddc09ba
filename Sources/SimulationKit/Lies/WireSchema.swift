import Foundation

/// The messages of `Protocol/hashiya/v1`, read from the `.proto` files themselves: a field that is added
/// there is altered by the catalogue of lies without anybody remembering it.
package struct WireSchema: Sendable {
  /// What a field holds.
  package enum Kind: Hashable, Sendable {
    /// A varint, of whatever sign; enumerations as well.
    case number
    case text
    case bytes
    case message(String)
    /// Bytes that are themselves an encoded message: hashed as received, and so not nested.
    case encoded(String)
  }

  /// One field of a message.
  package struct Field: Hashable, Sendable {
    /// Its name in the `.proto` file.
    package var name: String
    /// Its number on the wire.
    package var number: UInt64
    /// What it holds.
    package var kind: Kind
    /// Whether it may stand several times.
    package var isRepeated: Bool
  }

  /// The fields of each message, by its name, in the order of the file.
  package private(set) var fields: [String: [Field]] = [:]

  /// Reads `change.proto` and `exchange.proto` in a folder.
  package init(folder: String) throws {
    var reader = ProtoReader()
    for file in ["change.proto", "exchange.proto"] {
      try reader.read(String(contentsOfFile: folder + "/" + file, encoding: .utf8), named: file)
    }
    for message in reader.messages { fields[message] = [] }
    for (message, type, var field, comment) in reader.found {
      field.kind = try kind(type, field.name, comment, reader.enumerations)
      fields[message, default: []].append(field)
    }
  }

  private func kind(
    _ type: String, _ name: String, _ comment: String, _ enumerations: Set<String>
  ) throws -> Kind {
    switch type {
    case "uint32", "uint64", "sint64", "bool": return .number
    case "string": return .text
    case "bytes":
      // Named as a message, or said to be one.
      let named = name.prefix(1).uppercased() + name.dropFirst()
      if fields[named] != nil { return .encoded(named) }
      let words = comment.split { !$0.isLetter }.map(String.init)
      if let place = words.firstIndex(of: "encoded"), place + 1 < words.count,
        fields[words[place + 1]] != nil
      {
        return .encoded(words[place + 1])
      }
      return .bytes
    default:
      if enumerations.contains(type) { return .number }
      guard fields[type] != nil else { throw ProcessFailure("the type \(type) is unknown") }
      return .message(type)
    }
  }

  /// Every field of every message that can be reached from these, as `Message.field`.
  package func parts(reachableFrom roots: [String]) -> Set<String> {
    var seen: Set<String> = []
    var waiting = roots
    while let message = waiting.popLast() {
      guard seen.insert(message).inserted else { continue }
      for field in fields[message] ?? [] {
        switch field.kind {
        case .message(let name), .encoded(let name): waiting.append(name)
        case .number, .text, .bytes: break
        }
      }
    }
    return Set(seen.flatMap { message in (fields[message] ?? []).map { "\(message).\($0.name)" } })
  }
}

/// Reads the declarations of `.proto` files line by line, as far as this project writes them.
private struct ProtoReader {
  /// The messages that stand by themselves.
  private(set) var messages: [String] = []
  private(set) var enumerations: Set<String> = []
  /// The fields, of a kind that is not known before all messages are, with the comment before each.
  private(set) var found:
    [(message: String, type: String, field: WireSchema.Field, comment: String)] = []

  private var message: String?
  private var isEnumeration = false
  private var depth = 0

  mutating func read(_ text: String, named file: String) throws {
    var comment = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)
      let code = parts[0].trimmingCharacters(in: .whitespaces)
      if parts.count > 1 { comment += parts[1] }
      guard !code.isEmpty else { continue }
      try read(code, comment, file)
      comment = ""
    }
  }

  private mutating func read(_ code: String, _ comment: String, _ file: String) throws {
    let words = code.split { " ={};".contains($0) }.map(String.init)
    if code.hasSuffix("{") {
      begin(words)
    } else if code.hasPrefix("}") {
      depth -= 1
      isEnumeration = false
      if depth == 0 { message = nil }
    } else if let message, !isEnumeration, let number = words.last.flatMap({ UInt64($0) }) {
      let label = ["repeated", "optional"].contains(words[0]) ? words[0] : nil
      let rest = label == nil ? words : Array(words.dropFirst())
      guard rest.count == 3 else { throw ProcessFailure("\(file): \(code)") }
      let field = WireSchema.Field(
        name: rest[1], number: number, kind: .number, isRepeated: label == "repeated")
      found.append((message, rest[0], field, comment))
    }
  }

  private mutating func begin(_ words: [String]) {
    depth += 1
    if words.first == "message", depth == 1 {
      message = words[1]
      messages.append(words[1])
    } else if words.first == "enum" {
      enumerations.insert(words[1])
      isEnumeration = true
    }
  }
}
