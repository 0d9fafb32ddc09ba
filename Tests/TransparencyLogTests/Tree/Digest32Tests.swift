import Testing
import TransparencyLog

@Suite("Digests and their spellings")
struct Digest32Tests {
  @Test("a digest returns the bytes, hexadecimal digits and Base 64 it was made of")
  func roundTrip() throws {
    let bytes = (0..<32).map { UInt8(7 * $0 + 1) }
    let digest = try #require(Digest32(bytes: bytes))
    #expect(digest.bytes == bytes)
    #expect(Digest32(hex: digest.hex) == digest)
    #expect(Digest32(base64: digest.base64) == digest)
  }

  @Test("SHA-256 of three letters is the digest that FIPS 180 gives")
  func knownDigest() {
    #expect(
      Digest32.sha256(Array("abc".utf8)).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("only 32 bytes are a digest", arguments: [0, 31, 33])
  func wrongLength(count: Int) {
    #expect(Digest32(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("digests order as their bytes do")
  func ordering() {
    let digests = makeLeafHashes(50)
    let sortedByBytes = digests.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    #expect(digests.sorted() == sortedByBytes)
  }

  @Test("uppercase, odd and foreign hexadecimal digits are refused", arguments: ["A0", "0", "0g"])
  func malformedHexadecimal(text: String) {
    #expect(Hexadecimal.decode(text) == nil)
  }

  @Test(
    "Base 64 spells the strings of RFC 4648 § 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64Vectors(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
  }

  @Test(
    "Base 64 with other padding, other characters or bits left over is refused",
    arguments: [
      "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Zm 9", "====", "=", "Z===", "Zg==Zg==", "Zm-_",
      "Zm8é",
    ])
  func malformedBase64(text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
