/// Bytes that are not well-formed UTF-8.
package struct UTF8Error: Error, Hashable, Sendable {
  /// Where the first ill-formed sequence begins: the first byte that belongs to no code point.
  package let byteOffset: Int
}

/// Conversion between UTF-8 and code points that repairs nothing.
///
/// The standard library's decoders replace what is ill-formed by U+FFFD; a text that people
/// annotate must be refused instead, and the place be named.
package enum UTF8Text {
  /// Decodes `bytes`, which is well-formed by the Unicode Standard's Table 3-7: neither overlong
  /// forms nor surrogates nor anything above U+10FFFF.
  ///
  /// Linear in the number of bytes.
  package static func scalars(
    of bytes: some RandomAccessCollection<UInt8>
  ) throws(UTF8Error) -> [Unicode.Scalar] {
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let first = bytes[index]
      if first < 0x80 {
        scalars.append(Unicode.Scalar(first))
        index = bytes.index(after: index)
        continue
      }
      let offset = bytes.distance(from: bytes.startIndex, to: index)
      guard let form = Form(first: first) else { throw UTF8Error(byteOffset: offset) }
      var value = UInt32(first & form.payload)
      var allowed = form.second
      for _ in 1..<form.length {
        index = bytes.index(after: index)
        guard index < bytes.endIndex, allowed.contains(bytes[index]) else {
          throw UTF8Error(byteOffset: offset)
        }
        value = value << 6 | UInt32(bytes[index] & 0x3F)
        allowed = 0x80...0xBF
      }
      guard let scalar = Unicode.Scalar(value) else {
        preconditionFailure("Table 3-7 admitted U+\(String(value, radix: 16))")
      }
      scalars.append(scalar)
      index = bytes.index(after: index)
    }
    return scalars
  }

  /// The string of well-formed UTF-8, scalar for scalar.
  package static func string(
    of bytes: some RandomAccessCollection<UInt8>
  ) throws(UTF8Error) -> String {
    string(of: try scalars(of: bytes))
  }

  /// The string that consists of exactly `scalars`, unnormalised.
  package static func string(of scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The UTF-8 bytes of `scalars`.
  package static func bytes(of scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in scalars { bytes.append(contentsOf: scalar.utf8) }
    return bytes
  }

  /// Whether two strings have the same code points; Swift's `==` would accept canonical
  /// equivalents.
  package static func identical(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }

  /// Whether `left` sorts before `right` by code points (which is the order of their UTF-8 bytes).
  package static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// What the first byte of a multi-byte sequence determines: one row of Table 3-7.
  private struct Form {
    let length: Int
    let payload: UInt8
    let second: ClosedRange<UInt8>

    init?(first: UInt8) {
      switch first {
      case 0xC2...0xDF: (length, payload, second) = (2, 0x1F, 0x80...0xBF)
      case 0xE0: (length, payload, second) = (3, 0x0F, 0xA0...0xBF)
      case 0xE1...0xEC, 0xEE...0xEF: (length, payload, second) = (3, 0x0F, 0x80...0xBF)
      case 0xED: (length, payload, second) = (3, 0x0F, 0x80...0x9F)
      case 0xF0: (length, payload, second) = (4, 0x07, 0x90...0xBF)
      case 0xF1...0xF3: (length, payload, second) = (4, 0x07, 0x80...0xBF)
      case 0xF4: (length, payload, second) = (4, 0x07, 0x80...0x8F)
      default: return nil
      }
    }
  }
}
