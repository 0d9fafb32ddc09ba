import FoundationEssentials
import MergeCore
import Testing

/// A file of `Protocol/vectors`: made by this code when it is told to, and read back otherwise.
struct VectorFile<Content: Codable> {
  let name: String

  /// Where the vectors are, whatever the folder the tests run in.
  private var url: URL {
    URL(filePath: #filePath).appending(path: "../../../../Protocol/vectors/\(name)").standardized
  }

  /// Whether `HASHIYA_WRITE_VECTORS=1` asks for the files to be written anew.
  private static var isWriting: Bool {
    ProcessInfo.processInfo.environment["HASHIYA_WRITE_VECTORS"] == "1"
  }

  /// The file's content, after comparing the file with what the code makes now.
  ///
  /// Golden: a difference means that other implementations would disagree with this one.
  func read(made content: Content) throws -> Content {
    let bytes = try encoded(content)
    if Self.isWriting { try Data(bytes).write(to: url) }
    let file = [UInt8](try Data(contentsOf: url))
    // Compared outside of the expectation, which would print both, number by number.
    let isUnchanged = file == bytes
    #expect(
      isUnchanged,
      "Protocol/vectors/\(name) is not what this code makes; HASHIYA_WRITE_VECTORS=1 writes it anew"
    )
    return try JSONDecoder().decode(Content.self, from: Data(file))
  }

  private func encoded(_ content: Content) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(content)) + [0x0A]
  }
}

/// Input that must be refused, and what it is refused with.
struct InvalidCase: Codable {
  var name: String
  var bytes: String
  var error: String
}

/// What a vector's text spells that this code cannot read.
struct BadVector: Error {
  var text: String
}

/// The bytes of hexadecimal text in a vector.
func bytes(_ hex: String) throws -> [UInt8] {
  guard let bytes = hexBytes(hex) else { throw BadVector(text: hex) }
  return bytes
}

/// What an error is called in the vectors: its case.
func name(of error: any Error) -> String {
  String("\(error)".prefix { $0 != "(" })
}
