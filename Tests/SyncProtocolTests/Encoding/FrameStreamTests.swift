import SyncProtocol
import Testing

struct FrameStreamTests {
  private func frames(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> [[UInt8]] {
    var reader = FrameReader(frameBytesMax: limit)
    reader.append(bytes)
    var frames: [[UInt8]] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }

  @Test("frames come out as they went in, however the stream is cut", arguments: 0..<200)
  func roundTrip(seed: UInt64) throws {
    var generator = SplitMix(seed: seed)
    let lengths = [0, 1, 127, 128, 129, 16_383, 16_384, 20_000]
    let sent = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
      (0..<(lengths.randomElement(using: &generator) ?? 0)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
    }
    var rest = sent.flatMap { framed($0) }[...]
    var reader = FrameReader()
    var received: [[UInt8]] = []
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...5_000, using: &generator))
      rest = rest.dropFirst(piece.count)
      reader.append(piece)
      while let frame = try reader.next() { received.append(frame) }
    }
    #expect(received == sent, "seed \(seed)")
    #expect(reader.isAtBoundary)
  }

  @Test("random bytes end in frames, an error, or waiting", arguments: 0..<500)
  func noise(seed: UInt64) {
    var generator = SplitMix(seed: seed)
    var reader = FrameReader(frameBytesMax: 300)
    for _ in 0..<20 {
      reader.append((0..<50).map { _ in UInt8.random(in: 0...255, using: &generator) })
      do {
        while let frame = try reader.next() { #expect(frame.count <= 300, "seed \(seed)") }
      } catch {
        return
      }
    }
  }

  @Test("a frame of the limit is read, and one past it refused before its bytes arrive")
  func limit() throws {
    let bytes = [UInt8](repeating: 1, count: 300)
    #expect(try frames(framed(bytes), limit: 300) == [bytes])
    #expect(throws: FrameError.tooLong(300)) { try frames([0xAC, 0x02], limit: 299) }
  }

  @Test("the limit holds for the frames of an exchange")
  func exchangeLimit() throws {
    let length = framed([UInt8](repeating: 0, count: Limits.frameBytesMax)).prefix(4)
    #expect(try frames(Array(length), limit: Limits.frameBytesMax) == [])
    let past = framed([UInt8](repeating: 0, count: Limits.frameBytesMax + 1)).prefix(4)
    #expect(throws: FrameError.tooLong(UInt64(Limits.frameBytesMax) + 1)) {
      try frames(Array(past), limit: Limits.frameBytesMax)
    }
  }

  @Test(
    "a length has one spelling",
    arguments: [
      [0x80, 0x00], [0x81, 0x00], [0x80, 0x80, 0x80, 0x80, 0x00],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ] as [[UInt8]])
  func overlong(bytes: [UInt8]) {
    #expect(throws: FrameError.badLength) { try frames(bytes) }
  }

  @Test("an incomplete frame waits")
  func incomplete() throws {
    #expect(try frames([]) == [])
    #expect(try frames([0x80]) == [])
    #expect(try frames([0x02, 0x41]) == [])
    #expect(try frames([0x00]) == [[]])
  }
}
