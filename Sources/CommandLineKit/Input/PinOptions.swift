package import ArgumentParser

/// What a log is checked against that was kept elsewhere: for those who do not believe the file that
/// they are given.
package struct PinOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The key that must have signed the log.", valueName: "vkey"))
  package var key: String?

  @Option(
    help: ArgumentHelp(
      "A signed checkpoint kept from before, which the log must continue.", valueName: "file"),
    completion: .file())
  package var checkpoint: [String] = []

  package init() {}

  /// Whether nothing was typed.
  package var isEmpty: Bool { key == nil && checkpoint.isEmpty }

  /// The bytes of a signed note that are read: more than any has.
  private static let noteBytesMax = 64 << 10

  /// The checkpoints' bytes.
  package func notes() throws -> [[UInt8]] {
    try checkpoint.map { try InputStream(opening: $0).readAll(limit: Self.noteBytesMax) }
  }
}
