import AnnotationModel
import Testing

@Suite struct ConfidenceTests {
  @Test(
    "A decimal number is read exactly and printed shortest",
    arguments: [
      ("0", 0, "0"), ("1", 1_000_000, "1"), ("0.0", 0, "0"), ("1.0", 1_000_000, "1"),
      ("0.85", 850_000, "0.85"), ("0.850000", 850_000, "0.85"), ("0.000001", 1, "0.000001"),
      ("0.999999", 999_999, "0.999999"), ("0.1", 100_000, "0.1"), ("00.5", 500_000, "0.5"),
      ("1e-05", 10, "0.00001"), ("1E0", 1_000_000, "1"), ("5e-1", 500_000, "0.5"),
      ("0.30000000000", 300_000, "0.3"), ("0e9999", 0, "0"), ("10e-1", 1_000_000, "1"),
    ])
  func exact(typed: String, millionths: Int, shown: String) throws {
    let confidence = try Confidence(parsing: typed)
    #expect(confidence.millionths == millionths)
    #expect(confidence.text == shown)
    #expect(Confidence(encoded: confidence.encoded) == confidence)
    #expect(try Confidence(parsing: confidence.text) == confidence)
  }

  @Test(
    "What is no confidence is refused with its reason",
    arguments: [
      ("", ConfidenceError.malformed("")), (".5", .malformed(".5")), ("1.", .malformed("1.")),
      ("0,5", .malformed("0,5")), ("50%", .malformed("50%")), ("+1", .malformed("+1")),
      ("1e", .malformed("1e")), (" 1", .malformed(" 1")), ("nan", .malformed("nan")),
      ("٠٫٥", .malformed("٠٫٥")), ("-0.5", .outOfRange("-0.5")),
      ("1.000001", .outOfRange("1.000001")),
      ("2", .outOfRange("2")), ("10", .outOfRange("10")), ("1e3", .outOfRange("1e3")),
      ("0.0000001", .tooPrecise("0.0000001")), ("1e-9999", .tooPrecise("1e-9999")),
      ("0.30000000000000004", .tooPrecise("0.30000000000000004")),
    ])
  func refused(typed: String, error: ConfidenceError) {
    #expect(throws: error) { try Confidence(parsing: typed) }
  }

  @Test func `a number too long to be meant is not read`() {
    let long = "0." + String(repeating: "0", count: AnnotationLimits.decimalCharacters)
    #expect(throws: ConfidenceError.malformed(long)) { try Confidence(parsing: long) }
  }

  @Test func `four bytes from nought to a million decode, and nothing else`() {
    #expect(Confidence(encoded: [0, 0x0F, 0x42, 0x40])?.millionths == 1_000_000)
    #expect(Confidence(encoded: [0, 0x0F, 0x42, 0x41]) == nil)
    #expect(Confidence(encoded: [0, 0, 0]) == nil)
    #expect(Confidence(encoded: [0, 0, 0, 0, 0]) == nil)
    #expect(Confidence(millionths: -1) == nil)
  }
}
