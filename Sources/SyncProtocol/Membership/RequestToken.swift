package import Crypto
import FoundationEssentials
import JWTKit
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

/// The three parts of a token in the compact form of RFC 7515 § 7.1, each base64url as § 2 has it:
/// without padding, white space or spare bits, so that one token has one spelling.
private struct CompactParts {
  let header: [UInt8]

  init?(_ token: String) {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.bytes(parts[0]), Self.bytes(parts[1]) != nil,
      Self.bytes(parts[2])?.count == 64
    else { return nil }
    self.header = header
  }

  private static func bytes(_ part: Substring) -> [UInt8]? {
    let isPlain = part.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isPlain, let bytes = base64URLBytes(String(part)) else { return nil }
    let spelling = Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_")
      .prefix { $0 != "=" }
    return part.utf8.elementsEqual(spelling.utf8) ? bytes : nil
  }
}

/// The claims of a token.
private struct Claims: JWTPayload {
  /// The replica, hexadecimal.
  var iss: String
  /// The path segment that names the workspace.
  var aud: String
  var iat: Int64
  var exp: Int64
  /// The replica's public key, base64.
  var key: String

  func verify(using algorithm: some JWTAlgorithm) throws {}
}

extension RequestToken {
  /// Signs a token that is good for ``Limits/tokenSeconds`` from `now` (seconds since 1970).
  package static func sign(
    with key: Curve25519.Signing.PrivateKey, audience: String, now: Int64
  ) async throws -> String {
    let publicKey = [UInt8](key.publicKey.rawRepresentation)
    let keys = JWTKeyCollection()
    await keys.add(eddsa: EdDSA.PrivateKey(backing: key))
    let claims = Claims(
      iss: ReplicaID(publicKey: publicKey).hex, aud: audience, iat: now,
      exp: now + Limits.tokenSeconds, key: Base64.encode(publicKey))
    return try await keys.sign(claims)
  }

  /// Checks a token's form, signature, audience and time; RFC 7515 by the letter, and a key that one
  /// person alone can sign for.
  ///
  /// - Parameter audiences: the names under which the workspace may be addressed.
  package init(
    verifying token: String, audiences: [String], now: Int64
  ) async throws(RequestTokenError) {
    guard token.utf8.count <= Limits.tokenBytesMax,
      let parts = CompactParts(token),
      let header = try? JSONDecoder().decode(Header.self, from: Data(parts.header)),
      header.alg == "EdDSA", !header.hasCritical,
      let unverified = try? await JWTKeyCollection().unverified(token, as: Claims.self),
      let key = Base64.decode(unverified.key), isSoundKey(key),
      let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
    else { throw .malformed }
    let keys = JWTKeyCollection()
    await keys.add(eddsa: EdDSA.PublicKey(backing: publicKey))
    guard let claims = try? await keys.verify(token, as: Claims.self) else { throw .badSignature }
    guard ReplicaID(publicKey: key).hex == claims.iss else { throw .malformed }
    guard audiences.contains(claims.aud) else { throw .wrongAudience }
    // Whoever made the token chose both numbers, so their difference may not fit.
    let (lifetime, overflows) = claims.exp.subtractingReportingOverflow(claims.iat)
    guard !overflows, (0...Limits.tokenSeconds).contains(lifetime), claims.exp >= now,
      claims.iat <= now + Limits.tokenSeconds
    else { throw .expired }
    self.init(replica: ReplicaID(publicKey: key), key: key, audience: claims.aud)
  }
}
