package import Crypto
import FoundationEssentials
package import MergeCore

// Signatures by which a new replica is admitted. Each covers a label and the workspace, so that none
// can be used for anything else.

/// What an invite's one-time key signs: that it admits the replica with `key`.
func inviteSignedBytes(workspace: Digest256, key: [UInt8]) -> [UInt8] {
  Array("hashiya/v1/invite-certificate\0".utf8) + workspace.bytes + key
}

/// What a predecessor signs: that `key` continues it after a counter and its chain hash.
func successionSignedBytes(workspace: Digest256, key: [UInt8], succession: Succession) -> [UInt8] {
  Array("hashiya/v1/succession-certificate\0".utf8) + workspace.bytes + key
    + succession.predecessor.bytes + bigEndianBytes(succession.counter.rawValue)
    + succession.chain.bytes
}

extension WireEnrolment {
  /// The enrolment of `replicaKey` by an invite, certified with the invite's private key.
  package init(
    replicaKey: Curve25519.Signing.PublicKey, invite: Curve25519.Signing.PrivateKey,
    workspace: Digest256
  ) throws {
    self.init()
    key = replicaKey.rawRepresentation
    var certificate = WireInviteCertificate()
    certificate.inviteKey = invite.publicKey.rawRepresentation
    certificate.signature = try invite.signature(
      for: inviteSignedBytes(workspace: workspace, key: key.array))
    self.invite = certificate
  }

  /// The enrolment of `replicaKey` as a successor, certified with the predecessor's private key.
  package init(
    replicaKey: Curve25519.Signing.PublicKey, succession: Succession,
    predecessorKey: Curve25519.Signing.PrivateKey, workspace: Digest256
  ) throws {
    self.init()
    key = replicaKey.rawRepresentation
    var certificate = WireSuccessionCertificate()
    certificate.predecessor = Data(succession.predecessor.bytes)
    certificate.counter = succession.counter.rawValue
    certificate.chain = Data(succession.chain.bytes)
    certificate.signature = try predecessorKey.signature(
      for: successionSignedBytes(workspace: workspace, key: key.array, succession: succession))
    self.succession = certificate
  }
}

/// Whether a key's bytes are a point that one person alone can sign for: 32 bytes that encode an
/// ordinate below 2²⁵⁵ − 19, and not one of the eight points of small order (RFC 8032 § 5.1.3, § 5.1.7).
///
/// Of a small-order key anyone can make signatures that some implementations take for valid.
func isSoundKey(_ key: [UInt8]) -> Bool {
  guard key.count == 32 else { return false }
  // The ordinate, big-endian, without the sign of the abscissa.
  var ordinate = Array(key.reversed())
  ordinate[0] &= 0x7F
  let prime: [UInt8] = [0x7F] + Array(repeating: 0xFF, count: 30) + [0xED]
  guard ordinate.lexicographicallyPrecedes(prime) else { return false }
  return !smallOrderOrdinates.contains(ordinate)
}

/// The ordinates of the points of orders 1, 2, 4 and 8 on edwards25519, big-endian.
private let smallOrderOrdinates: [[UInt8]] = [
  Array(repeating: 0, count: 32),
  Array(repeating: 0, count: 31) + [1],
  [0x7F] + Array(repeating: 0xFF, count: 30) + [0xEC],
  hexBytes("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826") ?? [],
  hexBytes("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7") ?? [],
]

/// Whether `signature` over `bytes` is by `key`; false for keys and signatures of a wrong form.
func isSigned(_ bytes: [UInt8], _ signature: Data, by key: [UInt8]) -> Bool {
  guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
  return key.isValidSignature(signature, for: bytes)
}
