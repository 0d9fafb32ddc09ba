import CommandLineKit
import SyncProtocol

/// Codes that were handed over, as they are typed or piped in.
enum ShareCodes {
  /// Reads a code, or standard input for `-`, and refuses one of another purpose.
  static func read(
    _ typed: String, for purpose: ShareCode.Purpose, _ console: Console
  ) throws -> ShareCode {
    let code =
      typed == InputStream.standardInputName
      ? try readStandardInput(console) : try ShareCode(text: typed)
    guard code.purpose == purpose else {
      throw CommandFailure(
        .badData,
        purpose == .invite
          ? "this code is for an empty slot, not an invite"
          : "this code is an invite, not for an empty slot",
        remedy: purpose == .invite
          ? "use it with hashiya publish" : "use it with hashiya join")
    }
    return code
  }

  /// Reads lines until they are a code: the line break ends it, and no end of input has to come.
  ///
  /// A person's line stands alone; what a program writes may be broken over several, as mail is.
  private static func readStandardInput(_ console: Console) throws -> ShareCode {
    let stream = try InputStream(opening: InputStream.standardInputName)
    let isTyped = stream.isTerminal
    if isTyped { console.note("paste the code, then press enter") }
    var lines = LineReader(stream, lineBytesMax: bytesMax)
    var text = ""
    while let line = try lines.next() {
      guard let words = String(validating: line, as: UTF8.self) else {
        throw ShareCodeError.notACode
      }
      text += words + "\n"
      guard text.utf8.count <= bytesMax else { throw ShareCodeError.notACode }
      guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { continue }
      do {
        return try ShareCode(text: text)
      } catch {
        // Only one that is cut short can go on.
        if isTyped || error != .damaged { throw error }
      }
    }
    return try ShareCode(text: text)
  }

  /// Room for a code among the marks and line breaks that were put into it.
  private static let bytesMax = 4 * Limits.shareCodeCharactersMax
}
