import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The words of the command line as bytes: names of files may be in any encoding, and Swift's strings
/// hold U+FFFD where such a name is not UTF-8.
package enum RawArguments {
  /// A word that is not UTF-8: as Swift has it, and as it was typed.
  private struct Damaged {
    let shown: String
    let bytes: [UInt8]
    var isTaken = false
  }

  private static let damaged = Mutex<[Damaged]>(read())

  private static func read() -> [Damaged] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let word = CommandLine.unsafeArgv[index] else { return nil }
      let bytes = UnsafeRawBufferPointer(start: word, count: strlen(word)).map { $0 }
      guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
      return Damaged(shown: String(decoding: bytes, as: UTF8.self), bytes: bytes)
    }
  }

  /// Refuses a word that is not UTF-8, unless it names a file that is there: a note or label would be
  /// stored otherwise than it was typed.
  static func check() throws(CommandFailure) {
    let words = damaged.withLock { $0 }
    guard let bad = words.first(where: { !isFile($0.bytes) }) else { return }
    throw CommandFailure(
      .badData, "\(bad.shown) is not UTF-8, and there is no file of that name",
      remedy: "set the terminal to UTF-8, or convert the words, for example with iconv")
  }

  /// Whether a string of the command line is not what was typed.
  package static func isDamaged(_ text: String) -> Bool {
    damaged.withLock { $0.contains { $0.shown.utf8.elementsEqual(text.utf8) } }
  }

  /// The path that a string of the command line was typed as.
  ///
  /// Of several that look alike each is given once, in their order, and the last one from then on.
  static func path(_ text: String) -> [CChar] {
    let bytes = damaged.withLock { words -> [UInt8]? in
      let alike = words.indices.filter { words[$0].shown.utf8.elementsEqual(text.utf8) }
      guard let index = alike.first(where: { !words[$0].isTaken }) ?? alike.last else { return nil }
      words[index].isTaken = true
      return words[index].bytes
    }
    return (bytes ?? Array(text.utf8)).map { CChar(bitPattern: $0) } + [0]
  }

  private static func isFile(_ path: [UInt8]) -> Bool {
    access(path.map { CChar(bitPattern: $0) } + [0], F_OK) == 0
  }
}
