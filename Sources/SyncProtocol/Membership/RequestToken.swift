package import Crypto
import FoundationEssentials
package import MergeCore
import TransparencyLog

/// The short-lived token that a request carries: an EdDSA JWT (RFC 7519, RFC 8037) signed by the
/// replica, which names its own key, so that the server can check it before the replica is enrolled.
package struct RequestToken: Sendable {
  /// The replica that signed it.
  package var replica: ReplicaID
  /// The replica's public key, 32 bytes.
  package var key: [UInt8]
  /// The name by which it addresses the workspace.
  package var audience: String
}

/// Why a token is not accepted.
package enum RequestTokenError: Error, Hashable, Sendable {
  case malformed
  case badSignature
  /// It is for another workspace or slot.
  case wrongAudience
  /// It has run out, or is dated ahead; the answer's `Date` tells the right time.
  case expired
}

/// The three parts of a token in the compact form of RFC 7515 § 7.1, each base64url as § 2 has it:
/// without padding, white space or spare bits, so that one token has one spelling.
private struct CompactToken: Sendable {
  let header: [UInt8]
  let claims: [UInt8]
  let signature: [UInt8]
  /// What is signed: the first two parts as they stand, and the dot between them.
  let signed: [UInt8]

  init?(_ token: String) {
    let text = Array(token.utf8)
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]),
      let claims = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
      signature.count == 64
    else { return nil }
    self.header = header
    self.claims = claims
    self.signature = signature
    signed = Array(text[..<parts[1].endIndex])
  }
}

/// The part of a token's header that is looked at.
private struct Header: Decodable {
  /// `EdDSA` and nothing else (RFC 8725 § 3.1).
  var alg: String
  /// Whether it names extensions that must be understood; none is (RFC 7515 § 4.1.11).
  var hasCritical: Bool

  private enum CodingKeys: String, CodingKey { case alg, crit }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    alg = try container.decode(String.self, forKey: .alg)
    hasCritical = container.contains(.crit)
  }
}

/// The claims of a token.
private struct Claims: Codable, Sendable {
  /// The replica, hexadecimal.
  var iss: String
  /// The path segment that names the workspace.
  var aud: String
  var iat: Int64
  var exp: Int64
  /// The replica's public key, base64.
  var key: String
}

extension RequestToken {
  private static let header = Array(#"{"alg":"EdDSA","typ":"JWT"}"#.utf8)

  /// Signs a token that is good for ``Limits/tokenSeconds`` from `now` (seconds since 1970).
  package static func sign(
    with key: Curve25519.Signing.PrivateKey, audience: String, now: Int64
  ) throws -> String {
    let publicKey = [UInt8](key.publicKey.rawRepresentation)
    let claims = Claims(
      iss: ReplicaID(publicKey: publicKey).hex, aud: audience, iat: now,
      exp: now + Limits.tokenSeconds, key: Base64.encode(publicKey))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let encoded = [UInt8](try encoder.encode(claims))
    let signed = Base64URL.encode(header) + "." + Base64URL.encode(encoded)
    return signed + "." + Base64URL.encode([UInt8](try key.signature(for: Array(signed.utf8))))
  }

  /// Checks a token's form, signature, audience and time.
  ///
  /// - Parameter audiences: the names under which the workspace may be addressed.
  package init(
    verifying token: String, audiences: [String], now: Int64
  ) throws(RequestTokenError) {
    self = try UncheckedToken(token).verified(audiences: audiences, now: now)
  }
}

/// A token of the right form, which anybody may have written: nothing of it is proved yet.
package struct UncheckedToken: Sendable {
  /// The replica of its key.
  package let replica: ReplicaID
  private let key: [UInt8]
  private let parts: CompactToken
  private let claims: Claims

  /// Throws ``RequestTokenError/malformed``: the form is RFC 7515's by the letter, and the key one that
  /// one person alone can sign for.
  package init(_ token: String) throws(RequestTokenError) {
    guard token.utf8.count <= Limits.tokenBytesMax, let parts = CompactToken(token),
      let header = try? JSONDecoder().decode(Header.self, from: Data(parts.header)),
      header.alg == "EdDSA", !header.hasCritical,
      let claims = try? JSONDecoder().decode(Claims.self, from: Data(parts.claims)),
      let key = Base64.decode(claims.key), isSoundKey(key)
    else { throw .malformed }
    replica = ReplicaID(publicKey: key)
    self.key = key
    self.parts = parts
    self.claims = claims
  }

  /// What the token says, once its signature, name, audience and time are checked; the signature first.
  ///
  /// - Parameters:
  ///   - audiences: the names under which the workspace may be addressed.
  ///   - now: seconds since 1970.
  package func verified(
    audiences: [String], now: Int64
  ) throws(RequestTokenError) -> RequestToken {
    guard let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else {
      throw .malformed
    }
    guard publicKey.isValidSignature(parts.signature, for: parts.signed) else {
      throw .badSignature
    }
    guard replica.hex == claims.iss else { throw .malformed }
    guard audiences.contains(claims.aud) else { throw .wrongAudience }
    // Whoever made the token chose both numbers, so their difference may not fit.
    let (lifetime, overflows) = claims.exp.subtractingReportingOverflow(claims.iat)
    guard !overflows, (0...Limits.tokenSeconds).contains(lifetime), claims.exp >= now,
      claims.iat <= now + Limits.tokenSeconds
    else { throw .expired }
    return RequestToken(replica: replica, key: key, audience: claims.aud)
  }
}
