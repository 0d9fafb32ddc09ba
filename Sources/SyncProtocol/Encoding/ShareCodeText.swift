import Crypto
import FoundationEssentials
package import MergeCore
import SwiftProtobuf
import TransparencyLog

/// What a one-line code hands over: an empty slot to publish into, or an invite.
package struct ShareCode: Hashable, Sendable {
  package enum Purpose: String, Sendable {
    /// The operator's empty slot, for `publish`.
    case claim
    /// An invite, for `join`.
    case invite
  }

  package var purpose: Purpose
  /// The server's base address.
  package var url: String
  /// The slot's name on the server.
  package var slot: String
  /// The log's verifier key, as text.
  package var logKey: String
  /// 32 bytes: the claim's secret, or the invite's private key.
  package var secret: [UInt8]
  /// The workspace; nil in a claim, which has none yet.
  package var workspace: Digest256?

  package init(
    purpose: Purpose, url: String, slot: String, logKey: String, secret: [UInt8],
    workspace: Digest256?
  ) {
    self.purpose = purpose
    self.url = url
    self.slot = slot
    self.logKey = logKey
    self.secret = secret
    self.workspace = workspace
  }
}

/// Why text is no code.
package enum ShareCodeError: Error, Hashable, Sendable {
  /// It does not start as a code does.
  case notACode
  /// Its checksum fails: cut short or mistyped.
  case damaged
  /// It is a code of a newer version.
  case newerVersion
}

extension ShareCode {
  private static let prefix = "hashiya1-"

  /// One line: `hashiya1-claim-` or `hashiya1-invite-`, then base64url (RFC 4648 §5, unpadded) of
  /// the encoded message and the first 4 bytes of its SHA-256.
  package var text: String {
    var wire = WireShareCode()
    wire.purpose = purpose == .claim ? .claim : .invite
    wire.url = url
    wire.slot = slot
    wire.logKey = logKey
    wire.secret = Data(secret)
    wire.workspace = Data(workspace?.bytes ?? [])
    let body = encodedBytes(wire)
    let check = DomainHash.digest("hashiya/v1/code", body).bytes.prefix(4)
    return Self.prefix + purpose.rawValue + "-" + Base64URL.encode(body + check)
  }

  /// Reads a code, as it may come out of a mail or a chat: white space and invisible marks around and
  /// inside are ignored, and any dash is a hyphen.
  package init(text: String) throws(ShareCodeError) {
    let compact = String(String.UnicodeScalarView(text.unicodeScalars.compactMap(codeScalar)))
    guard compact.utf8.count <= Limits.shareCodeCharactersMax else { throw .notACode }
    guard compact.hasPrefix("hashiya") else { throw .notACode }
    guard compact.hasPrefix(Self.prefix) else {
      let version = compact.dropFirst("hashiya".count).prefix { ("0"..."9").contains($0) }
      throw version == "" || version == "1" ? .damaged : .newerVersion
    }
    let parts = compact.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let purpose = Purpose(rawValue: String(parts[1])),
      let bytes = Base64URL.decode(parts[2].utf8), bytes.count > 4
    else { throw .damaged }
    let body = Array(bytes.dropLast(4))
    let check = DomainHash.digest("hashiya/v1/code", body).bytes.prefix(4)
    guard Array(bytes.suffix(4)) == Array(check),
      let wire = try? WireShareCode(serializedBytes: body), wire.secret.count == 32,
      (purpose == .claim) == (wire.purpose == .claim),
      purpose == .claim || wire.workspace.count == 32
    else { throw .damaged }
    self.init(
      purpose: purpose, url: wire.url, slot: wire.slot, logKey: wire.logKey,
      secret: wire.secret.array, workspace: Digest256(wire.workspace))
  }
}

/// A scalar of a code as it was written; nil for what mail programs, chats and terminals put in.
private func codeScalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
  switch scalar.value {
  // Soft hyphen, Arabic letter mark, zero width ones, marks of direction, byte order mark.
  case 0xAD, 0x61C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF: nil
  // The dashes that a program puts for a hyphen while somebody types.
  case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D: "-"
  default: scalar.properties.isWhitespace ? nil : scalar
  }
}
