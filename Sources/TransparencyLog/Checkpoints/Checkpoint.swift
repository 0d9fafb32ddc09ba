/// A log's tree head: what a log signs ([C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint)).
///
/// Its text is, every line ended by a newline,
///
///     <origin>
///     <tree size in decimal>
///     <Base 64 of the root>
///     <extension lines, if any>
package struct Checkpoint: Hashable, Sendable {
  /// The identity of the log.
  package let origin: NoteLine
  /// The number of leaves.
  package let size: TreeSize
  /// The root over the leaves.
  package let root: Digest32
  /// Further lines without meaning here, kept so that the text stays the one that was signed.
  package let extensionLines: [NoteLine]

  /// The checkpoint with these parts.
  ///
  /// Extension lines are not recommended (§ Note text).
  package init(origin: NoteLine, size: TreeSize, root: Digest32, extensionLines: [NoteLine] = []) {
    self.origin = origin
    self.size = size
    self.root = root
    self.extensionLines = extensionLines
  }

  /// The checkpoint whose text is `text`.
  ///
  /// Strict: `text` of the result is the same bytes again, so every checkpoint has one text.
  package init(text: [UInt8]) throws(CheckpointError) {
    guard text.last == newline else { throw .noFinalNewline }
    let lines = text.dropLast().split(separator: newline, omittingEmptySubsequences: false)
    guard lines.count >= 3 else { throw .tooFewLines(count: lines.count) }
    var noteLines: [NoteLine] = []
    for (position, bytes) in lines.enumerated() {
      guard let line = NoteLine(bytes: bytes) else { throw .invalidLine(position + 1) }
      noteLines.append(line)
    }
    guard let size = Self.treeSize(decimal: noteLines[1].bytes) else { throw .invalidSize }
    guard let root = Digest32(base64: noteLines[2].text) else { throw .invalidRoot }
    self.init(
      origin: noteLines[0], size: size, root: root, extensionLines: Array(noteLines.dropFirst(3)))
  }

  /// The text to sign.
  package var text: [UInt8] {
    let lines = [origin.text, String(size.rawValue), root.base64] + extensionLines.map(\.text)
    return lines.flatMap { Array($0.utf8) + [newline] }
  }

  /// § Note text: ASCII decimal with no leading zeroes, unless the tree is empty.
  private static func treeSize(decimal digits: [UInt8]) -> TreeSize? {
    let zero = UInt8(ascii: "0")
    guard digits.allSatisfy({ (zero...zero + 9).contains($0) }),
      digits.count == 1 || digits.first != zero,
      let number = UInt64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    return TreeSize(rawValue: number)
  }
}

/// Why text is no checkpoint.
package enum CheckpointError: Error, Hashable {
  /// The last line does not end in a newline.
  case noFinalNewline
  /// Fewer than origin, tree size and root.
  case tooFewLines(count: Int)
  /// A line that is empty, not UTF-8 or has a control character; the first has number 1.
  case invalidLine(Int)
  /// The tree size is no decimal number, has leading zeroes or is above `LogLimits.treeSizeMax`.
  case invalidSize
  /// The root is not 32 bytes in padded standard Base 64.
  case invalidRoot
}
