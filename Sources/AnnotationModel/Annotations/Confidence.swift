/// Why text is not a confidence.
package enum ConfidenceError: Error, Hashable, Sendable {
  /// The text is not a decimal number such as 0.85.
  case malformed(String)
  /// The number is below 0 or above 1.
  case outOfRange(String)
  /// The number has more than six decimals that count.
  case tooPrecise(String)
}

/// How sure an analyst is: a whole number of millionths, from none to all.
///
/// No floating point takes part, so 0.1 is the same bytes everywhere.
package struct Confidence: Hashable, Sendable {
  /// Millionths, from 0 to 1,000,000.
  package let millionths: Int

  /// The millionths that make certainty.
  package static let millionthsMax = 1_000_000
  private static let decimals = 6

  /// Takes 0 to 1,000,000 millionths; nil for any other number.
  package init?(millionths: Int) {
    guard (0...Self.millionthsMax).contains(millionths) else { return nil }
    self.millionths = millionths
  }

  /// Reads a decimal number from 0 to 1: digits, a point and digits if wanted, and an exponent if a
  /// program wrote one (`1e-05`).
  ///
  /// A value that is no whole number of millionths is refused, not rounded.
  package init(parsing text: String) throws(ConfidenceError) {
    guard let number = DecimalText(text) else { throw .malformed(text) }
    guard !number.isNegative else { throw .outOfRange(text) }
    guard !number.digits.isEmpty else {
      millionths = 0
      return
    }
    // 0.000001 has one digit and scale 6; the integral part has digits.count - scale digits.
    guard number.digits.count - number.scale <= 1 else { throw .outOfRange(text) }
    guard number.scale <= Self.decimals else { throw .tooPrecise(text) }
    let padding = Self.decimals - number.scale
    let value = (number.digits + [UInt8](repeating: 0, count: padding))
      .reduce(0) { $0 * 10 + Int($1) }
    guard value <= Self.millionthsMax else { throw .outOfRange(text) }
    millionths = value
  }

  /// The shortest decimal number of this value, such as `0`, `0.85` or `1`; JSON accepts it as a
  /// number.
  package var text: String {
    let whole = millionths / Self.millionthsMax
    var rest = millionths % Self.millionthsMax
    guard rest > 0 else { return String(whole) }
    var digits: [UInt8] = []
    for _ in 0..<Self.decimals {
      digits.insert(UInt8(ascii: "0") + UInt8(rest % 10), at: 0)
      rest /= 10
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return "\(whole)." + String(decoding: digits, as: UTF8.self)
  }

  /// Four bytes, big-endian: the millionths.
  package var encoded: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: millionths >> (24 - 8 * $0)) }
  }

  /// Reads what ``encoded`` writes; nil for anything else.
  package init?(encoded bytes: [UInt8]) {
    guard bytes.count == 4 else { return nil }
    self.init(millionths: bytes.reduce(0) { $0 << 8 | Int($1) })
  }
}

/// A decimal number taken apart: digits without leading or trailing zeros, times ten to minus
/// `scale`.
private struct DecimalText {
  let isNegative: Bool
  let digits: [UInt8]
  let scale: Int

  init?(_ text: String) {
    var rest = text.utf8[...]
    guard rest.count <= AnnotationLimits.decimalCharacters else { return nil }
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    var digits = Self.digits(&rest)
    guard !digits.isEmpty else { return nil }
    var scale = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let fraction = Self.digits(&rest)
      guard !fraction.isEmpty else { return nil }
      digits += fraction
      scale = fraction.count
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      guard let exponent = Self.exponent(&rest) else { return nil }
      scale -= exponent
    }
    guard rest.isEmpty else { return nil }
    while digits.last == 0 {
      digits.removeLast()
      scale -= 1
    }
    self.digits = Array(digits.drop { $0 == 0 })
    self.scale = scale
  }

  private static func digits(_ rest: inout Substring.UTF8View) -> [UInt8] {
    let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(run.count)
    return run.map { $0 - UInt8(ascii: "0") }
  }

  private static func exponent(_ rest: inout Substring.UTF8View) -> Int? {
    let negative = rest.first == UInt8(ascii: "-")
    if negative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let digits = digits(&rest)
    guard (1...4).contains(digits.count) else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1) }
    return negative ? -value : value
  }
}
