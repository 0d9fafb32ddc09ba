/// Every size and count in this module that a peer controls, in one place.
///
/// What is over a limit is refused with a typed error before it is worked on.
package enum LogLimits {
  /// The most leaves that a log may have: what a signed 64-bit integer holds.
  ///
  /// Databases keep tree sizes in one, and all index arithmetic stays within `UInt64`.
  package static let treeSizeMax: UInt64 = 0x7fff_ffff_ffff_ffff

  /// The longest signed note, in bytes.
  ///
  /// Room for the 16 signatures that signed-note § Format tells every verifier to accept, even if
  /// each is a post-quantum one of 5 kB.
  package static let noteBytesMax = 256 * 1024

  /// The most signatures in one note; signed-note § Format asks for at least 16.
  package static let noteSignaturesMax = 32

  /// The longest encoded verifier or signer key, in bytes, nearly all of which is the name.
  package static let keyTextBytesMax = 1024

  /// The longest log entry, in bytes: what the 16-bit length of an entry bundle can say
  /// (tlog-tiles § Log entries).
  package static let entryBytesMax = 65_535
}
