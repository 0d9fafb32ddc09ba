import CommandLineKit
import SyncProtocol

/// Codes that were handed over, as they are typed or piped in.
enum ShareCodes {
  /// Reads a code, or standard input for `-`, and refuses one of another purpose.
  static func read(_ typed: String, for purpose: ShareCode.Purpose) throws -> ShareCode {
    let text = try InputStream.text(typed: typed, limit: Limits.shareCodeCharactersMax)
    let code = try ShareCode(text: text)
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
}
