import Testing
import TransparencyLog

/// A signer whose seed is 32 times `seed`.
func makeSigner(_ name: String = "example.com/log", seed: UInt8 = 1) throws -> NoteSigner {
  let keyName = try #require(KeyName(name))
  return try #require(NoteSigner(name: keyName, seed: [UInt8](repeating: seed, count: 32)))
}

func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }
