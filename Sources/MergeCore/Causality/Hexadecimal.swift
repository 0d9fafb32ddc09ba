/// Lowercase hexadecimal text of `bytes`, two digits a byte.
package func hexText(_ bytes: some Sequence<UInt8>) -> String {
  var text = [UInt8]()
  let digits = Array("0123456789abcdef".utf8)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes that `text` spells in hexadecimal digits of either case; nil when it spells none.
package func hexBytes(_ text: some StringProtocol) -> [UInt8]? {
  var bytes = [UInt8]()
  var pending: UInt8?
  for unit in text.utf8 {
    guard let digit = hexDigit(unit) else { return nil }
    if let high = pending {
      bytes.append(high << 4 | digit)
      pending = nil
    } else {
      pending = digit
    }
  }
  return pending == nil ? bytes : nil
}

private func hexDigit(_ unit: UInt8) -> UInt8? {
  switch unit {
  case 0x30...0x39: unit - 0x30
  case 0x41...0x46: unit - 0x41 + 10
  case 0x61...0x66: unit - 0x61 + 10
  default: nil
  }
}

/// Eight bytes or fewer, read as one big-endian number.
func bigEndianWord(_ bytes: some Collection<UInt8>) -> UInt64 {
  bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// The eight big-endian bytes of `word`.
package func bigEndianBytes(_ word: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
}
