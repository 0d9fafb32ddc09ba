import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

struct RequestTokenTests {
  private let now: Int64 = 1_776_159_000
  private let author: BatchAuthor

  init() throws { author = try BatchAuthor(number: 2) }

  private func error(
    _ token: String, audience: String = "desk", now: Int64? = nil
  ) -> RequestTokenError? {
    do throws(RequestTokenError) {
      _ = try RequestToken(
        verifying: token, audiences: ["other", audience], now: now ?? self.now)
      return nil
    } catch {
      return error
    }
  }

  @Test("a token names the replica that signed it, and its key")
  func accepted() throws {
    let text = try RequestToken.sign(with: author.key, audience: "desk", now: now)
    let token = try RequestToken(verifying: text, audiences: ["desk"], now: now)
    #expect(token.replica == author.id)
    #expect(token.key == [UInt8](author.key.publicKey.rawRepresentation))
  }

  @Test("a token for another workspace is refused")
  func audience() throws {
    let text = try RequestToken.sign(with: author.key, audience: "elsewhere", now: now)
    #expect(error(text) == .wrongAudience)
  }

  @Test("a token is good from its time on for its lifetime, and clocks may differ by as much")
  func times() throws {
    let text = try RequestToken.sign(with: author.key, audience: "desk", now: now)
    let seconds = Limits.tokenSeconds
    #expect(error(text, now: now + seconds) == nil)
    #expect(error(text, now: now + seconds + 1) == .expired)
    #expect(error(text, now: now - seconds) == nil)
    #expect(error(text, now: now - seconds - 1) == .expired)
  }

  @Test("a token whose times nobody would choose is refused and stops nobody")
  func extremeTimes() throws {
    for (issued, expires) in [
      (Int64.min, Int64.max), (0, Int64.max), (Int64.min, now), (now, now - 1),
      (now, now + Limits.tokenSeconds + 1), (Int64.max, Int64.max),
    ] {
      let text = try token(issued: issued, expires: expires)
      #expect(error(text) == .expired, "\(issued) to \(expires)")
    }
    #expect(error(try token(issued: now, expires: now + 1)) == nil)
  }

  @Test("a token is refused with any character of it altered")
  func tampered() throws {
    let text = try RequestToken.sign(with: author.key, audience: "desk", now: now)
    let characters = Array(text.utf8)
    // The last character of a base64url part may hold bits that mean nothing.
    for index in characters.indices.dropLast() where characters[index] != UInt8(ascii: ".") {
      var other = characters
      other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
      let altered = String(decoding: other, as: UTF8.self)
      #expect(error(altered) != nil, "accepted with character \(index) altered")
    }
  }

  @Test("a token is not accepted with another replica's name, key or signature")
  func otherReplica() throws {
    let other = try BatchAuthor(number: 3)
    let otherKey = Base64.encode([UInt8](other.key.publicKey.rawRepresentation))
    #expect(error(try token(name: other.id.hex)) == .malformed)
    #expect(error(try token(key: otherKey)) == .badSignature)
    #expect(error(try token(key: "AAAA")) == .malformed)
    #expect(error(try token(algorithm: "none")) != nil)
  }

  @Test("text that is no token is malformed")
  func malformed() {
    for text in ["", "a", "a.b.c", "..", String(repeating: "a", count: Limits.tokenBytesMax + 1)] {
      #expect(error(text) == .malformed)
    }
  }

  @Test("a token has the one spelling that RFC 7515 gives it")
  func spelling() throws {
    let text = try RequestToken.sign(with: author.key, audience: "desk", now: now)
    #expect(error(text) == nil)
    let parts = text.split(separator: ".").map(String.init)
    for altered in [
      text + "=", text + "==", text + " ", text + "\n", " " + text, text + ".", "." + text,
      text + "." + parts[2], parts[0] + "=." + parts[1] + "." + parts[2], parts[0] + "." + parts[1],
      text.replacing("-", with: "+").replacing("_", with: "/") + "\t",
    ] {
      #expect(error(altered) == .malformed, "\(altered)")
    }
    // The last of 86 characters holds four bits that mean nothing: all but one are another spelling.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    var accepted = 0
    for last in alphabet where error(String(text.dropLast()) + String(last)) == nil {
      accepted += 1
    }
    #expect(accepted == 1)
  }

  @Test("a token with extensions that must be understood is refused, whatever they are")
  func critical() throws {
    for critical in [#"["exp"]"#, #"["b64"]"#, "[]", "null", #""x""#] {
      let text = try token(moreOfHeader: #","crit":\#(critical)"#)
      #expect(error(text) == .malformed, "\(critical)")
    }
    #expect(error(try token(moreOfHeader: #","kid":"x""#)) == nil)
  }

  @Test("a key that anybody can sign for is no replica's")
  func smallOrder() throws {
    // The neutral element: with R = [S]B, S = 0 verifies for any message.
    let neutral: [UInt8] = [1] + Array(repeating: 0, count: 31)
    for key in [neutral, Array(repeating: 0, count: 32)] {
      let name = ReplicaID(publicKey: key).hex
      let text = try token(name: name, key: Base64.encode(key))
      let forged =
        text.split(separator: ".").prefix(2).joined(separator: ".")
        + "." + base64URL(neutral + Array(repeating: 0, count: 32))
      #expect(error(forged) == .malformed)
    }
  }

  /// A token with claims of one's own, signed by the author's key all the same (RFC 7515 § 7.1).
  private func token(
    issued: Int64? = nil, expires: Int64? = nil, name: String? = nil, key: String? = nil,
    algorithm: String = "EdDSA", moreOfHeader: String = ""
  ) throws -> String {
    let header = #"{"alg":"\#(algorithm)","typ":"JWT"\#(moreOfHeader)}"#
    let publicKey = key ?? Base64.encode([UInt8](author.key.publicKey.rawRepresentation))
    let claims = """
      {"aud":"desk","exp":\(expires ?? now + 1),"iat":\(issued ?? now),\
      "iss":"\(name ?? author.id.hex)","key":"\(publicKey)"}
      """
    let signed = base64URL(Array(header.utf8)) + "." + base64URL(Array(claims.utf8))
    let signature = try author.key.signature(for: Array(signed.utf8))
    return signed + "." + base64URL([UInt8](signature))
  }

  private func base64URL(_ bytes: [UInt8]) -> String {
    Base64.encode(bytes).filter { $0 != "=" }.replacing("+", with: "-").replacing("/", with: "_")
  }
}
