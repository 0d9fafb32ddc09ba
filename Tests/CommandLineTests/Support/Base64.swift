import Foundation

/// The bytes of base64 with padding; nil for anything else.
func base64Bytes(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }

/// Base64 with padding.
func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
