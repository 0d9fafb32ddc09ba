import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

/// `frames.json`, `bundles.json`, `codes.json` and `checkpoints.json`.
struct StreamVectorTests {
  // MARK: Frames

  private struct Stream: Codable {
    var stream: String
    var frames: [String]
    /// Bytes that wait for the rest of their frame.
    var waiting: Bool
  }

  private struct Frames: Codable {
    var frameBytesMax: Int
    var valid: [Stream]
    var invalid: [InvalidCase]
  }

  @Test("streams split into frames as the vectors say")
  func frames() throws {
    func split(_ stream: [UInt8]) throws(FrameError) -> Stream {
      var reader = FrameReader()
      reader.append(stream)
      var frames: [String] = []
      while let frame = try reader.next() { frames.append(hexText(frame)) }
      return Stream(stream: hexText(stream), frames: frames, waiting: !reader.isAtBoundary)
    }
    let long = [UInt8](repeating: 0x61, count: 128)
    let valid = try [[], [0], [1, 0x61], framed(long), [1, 0x61, 2, 0x62], [0x80]].map(split)
    let invalid: [(String, [UInt8], String)] = [
      (
        "a length over the limit",
        Array(framed([UInt8](repeating: 0, count: Limits.frameBytesMax + 1)).prefix(4)), "tooLong"
      ),
      ("the largest length of five bytes", [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "tooLong"),
      ("a length longer than it needs to be", [0x81, 0x00, 0x61], "badLength"),
      ("a length of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "badLength"),
    ]
    let made = Frames(
      frameBytesMax: Limits.frameBytesMax, valid: valid,
      invalid: invalid.map { InvalidCase(name: $0.0, bytes: hexText($0.1), error: $0.2) })
    let file = try VectorFile<Frames>(name: "frames.json").read(made: made)
    for vector in file.valid {
      let read = try split(bytes(vector.stream))
      #expect((read.frames, read.waiting) == (vector.frames, vector.waiting))
    }
    for vector in file.invalid {
      let stream = try bytes(vector.bytes)
      do throws(FrameError) {
        _ = try split(stream)
        Issue.record("\(vector.name) was read")
      } catch {
        #expect(name(of: error) == vector.error, "\(vector.name)")
      }
    }
  }

  // MARK: Bundles

  private struct Bundles: Codable {
    /// Base 64, each with what it holds.
    var valid: [Whole]
    var invalid: [InvalidCase]
  }

  private struct Whole: Codable {
    var bundle: String
    var from: UInt64
    var to: UInt64
    var entries: Int
    var pending: Int
  }

  @Test("bundles are read and refused as the vectors say")
  func bundles() throws {
    let file = try VectorFile<Bundles>(name: "bundles.json").read(made: makeBundles())
    for vector in file.valid {
      let bundle = try Bundle(decoding: base64(vector.bundle))
      #expect(Base64.encode(bundle.encoded) == vector.bundle)
      #expect((bundle.from, bundle.to) == (vector.from, vector.to))
      #expect((bundle.entries.count, bundle.pending.count) == (vector.entries, vector.pending))
    }
    for vector in file.invalid {
      let bytes = try base64(vector.bytes)
      do throws(BundleError) {
        _ = try Bundle(decoding: bytes)
        Issue.record("\(vector.name) was read")
      } catch {
        #expect(name(of: error) == vector.error, "\(vector.name)")
      }
    }
  }

  private func makeBundles() throws -> Bundles {
    var desk = try Desk()
    desk.omar.make(try rewrite(1, note: "x"))
    let pending = try desk.sealed(&desk.omar)
    let entries = desk.log.leaves.map {
      ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.judgement.batch.bytes)
    }
    let bundle = Bundle(
      workspace: desk.layla.workspace, from: 4, to: 5, entries: Array(entries[4...]),
      checkpoint: try desk.log.checkpoint, pending: [pending])
    let mail = Bundle(
      workspace: desk.layla.workspace, from: 5, to: 5, entries: [],
      checkpoint: try desk.log.checkpoint, pending: [pending])
    let early = Bundle(
      workspace: desk.layla.workspace, from: 0, to: 0, entries: [], checkpoint: [],
      pending: [pending])
    var unsigned = bundle
    unsigned.checkpoint = []
    var unordered = bundle
    unordered.from = 3
    unordered.entries = [entries[4], entries[3]]
    var backwards = mail
    backwards.from = 6
    let whole = bundle.encoded
    var altered = whole
    altered[60] ^= 1
    var newer = whole
    newer[15] = UInt8(ascii: "2")
    let invalid: [(String, [UInt8], String)] = [
      ("cut short", whole.dropLast(10), "truncated"),
      ("without its end", Array(whole.prefix(200)), "truncated"),
      ("one bit altered", altered, "altered"), ("a byte after the end", whole + [0], "altered"),
      ("leaves without a checkpoint", unsigned.encoded, "altered"),
      ("leaves in another order", unordered.encoded, "altered"),
      ("an end before the beginning", backwards.encoded, "altered"),
      ("a newer version", newer, "newerVersion"),
      ("another file", Array("hello\n".utf8), "notABundle"),
    ]
    return Bundles(
      valid: [bundle, mail, early].map {
        Whole(
          bundle: Base64.encode($0.encoded), from: $0.from, to: $0.to, entries: $0.entries.count,
          pending: $0.pending.count)
      },
      invalid: invalid.map { InvalidCase(name: $0.0, bytes: Base64.encode($0.1), error: $0.2) })
  }

  private func base64(_ text: String) throws -> [UInt8] {
    guard let bytes = Base64.decode(text) else { throw BadVector(text: text) }
    return bytes
  }

  // MARK: Codes

  private struct Code: Codable {
    var code: String
    var purpose: String
    var url: String
    var slot: String
    var logKey: String
    var secret: String
    var workspace: String?

    enum CodingKeys: String, CodingKey {
      case code, purpose, url, slot, secret, workspace
      case logKey = "log_key"
    }

    init(_ text: String, _ code: ShareCode) {
      self.code = text
      purpose = code.purpose.rawValue
      (url, slot, logKey) = (code.url, code.slot, code.logKey)
      secret = hexText(code.secret)
      workspace = code.workspace?.hex
    }

    var value: ShareCode? {
      get throws {
        guard let purpose = ShareCode.Purpose(rawValue: purpose) else { return nil }
        return ShareCode(
          purpose: purpose, url: url, slot: slot, logKey: logKey, secret: try bytes(secret),
          workspace: workspace.flatMap { Digest256(hex: $0) })
      }
    }
  }

  private struct Codes: Codable {
    var valid: [Code]
    var invalid: [InvalidCase]
  }

  @Test("share codes are read and refused as the vectors say")
  func codes() throws {
    let key = try Desk.signer().verifierKey.text
    let invite = ShareCode(
      purpose: .invite, url: "https://example.org", slot: "desk", logKey: key,
      secret: [UInt8](repeating: 3, count: 32), workspace: DomainHash.plain([1]))
    let claim = ShareCode(
      purpose: .claim, url: "http://127.0.0.1:7420", slot: "desk", logKey: key,
      secret: [UInt8](repeating: 4, count: 32), workspace: nil)
    let text = invite.text
    let broken = text.prefix(30) + "\r\n " + text.dropFirst(30) + "\n"
    let made = Codes(
      valid: [
        Code(text, invite), Code(claim.text, claim), Code(String(broken), invite),
      ],
      invalid: [
        InvalidCase(name: "cut short", bytes: String(text.dropLast(3)), error: "damaged"),
        InvalidCase(
          name: "mistyped", bytes: text.dropLast() + (text.hasSuffix("A") ? "B" : "A"),
          error: "damaged"),
        InvalidCase(
          name: "of another purpose", bytes: text.replacing("-invite-", with: "-claim-"),
          error: "damaged"),
        InvalidCase(
          name: "of a newer version", bytes: text.replacing("hashiya1", with: "hashiya2"),
          error: "newerVersion"),
        InvalidCase(name: "no code", bytes: "https://example.org", error: "notACode"),
      ])
    let file = try VectorFile<Codes>(name: "codes.json").read(made: made)
    for vector in file.valid {
      #expect(try ShareCode(text: vector.code) == vector.value)
    }
    for vector in file.invalid {
      do throws(ShareCodeError) {
        _ = try ShareCode(text: vector.bytes)
        Issue.record("\(vector.name) was read")
      } catch {
        #expect(name(of: error) == vector.error, "\(vector.name)")
      }
    }
  }

  // MARK: Checkpoints

  private struct Note: Codable {
    var note: String
    var size: UInt64
    var root: String
  }

  private struct Notes: Codable {
    var origin: String
    var key: String
    var valid: [Note]
    var invalid: [InvalidCase]
  }

  @Test("signed checkpoints are believed and refused as the vectors say")
  func checkpoints() throws {
    let file = try VectorFile<Notes>(name: "checkpoints.json").read(made: makeNotes())
    let key = try VerifierKey(file.key)
    guard let origin = NoteLine(file.origin) else { throw BadVector(text: file.origin) }
    for vector in file.valid {
      let signed = try SignedCheckpoint(
        opening: Array(vector.note.utf8), origin: origin, logKey: key)
      #expect(signed.checkpoint.size.rawValue == vector.size)
      #expect(signed.checkpoint.root.base64 == vector.root)
    }
    for vector in file.invalid {
      do throws(SignedCheckpointError) {
        _ = try SignedCheckpoint(opening: Array(vector.bytes.utf8), origin: origin, logKey: key)
        Issue.record("\(vector.name) was believed")
      } catch {
        #expect(name(of: error) == vector.error, "\(vector.name)")
      }
    }
  }

  private func makeNotes() throws -> Notes {
    let desk = try Desk()
    let signer = try Desk.signer()
    let origin = signer.verifierKey.name.line.text
    func note(_ size: UInt64) throws -> Note {
      Note(
        note: String(decoding: try desk.log.checkpoint(ofSize: size), as: UTF8.self), size: size,
        root: Base64.encode(desk.log.root(ofSize: size).bytes))
    }
    func signed(_ text: String) throws -> String {
      String(
        decoding: try SignedNote(signing: Array(text.utf8), by: [signer]).encoded, as: UTF8.self)
    }
    guard
      let other = NoteSigner(name: signer.verifierKey.name, seed: [UInt8](repeating: 8, count: 32))
    else { throw BadVector(text: "signer") }
    let good = try note(5)
    let text = good.note.prefix { $0 != "\u{2014}" }.dropLast()
    let byOther = try SignedNote(signing: Array(text.utf8), by: [other]).encoded
    return Notes(
      origin: origin, key: signer.verifierKey.text, valid: try [note(1), note(3), good],
      invalid: [
        InvalidCase(
          name: "another size", bytes: good.note.replacing("\n5\n", with: "\n6\n"),
          error: "unverified"),
        InvalidCase(
          name: "another key", bytes: String(decoding: byOther, as: UTF8.self), error: "unverified"),
        InvalidCase(
          name: "another origin",
          bytes: try signed("example.org/other\n5\n\(good.root)\n"), error: "wrongOrigin"),
        InvalidCase(
          name: "a size with a leading zero", bytes: try signed("\(origin)\n05\n\(good.root)\n"),
          error: "malformedCheckpoint"),
        InvalidCase(name: "no signature", bytes: String(text) + "\n", error: "malformedNote"),
        InvalidCase(name: "empty", bytes: "", error: "malformedNote"),
      ])
  }
}
