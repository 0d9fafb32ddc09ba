/// The content of an entry bundle: up to 256 log entries, each after its length
/// ([tlog-tiles § Log entries](https://c2sp.org/tlog-tiles#log-entries)).
///
///     length   2 bytes, big-endian
///     entry    length bytes
package enum EntryBundle {
  /// The bundle of `entries`, of which there are 1…256.
  package static func encode(_ entries: [[UInt8]]) throws(EntryBundleError) -> [UInt8] {
    precondition((1...Tile.widthMax).contains(entries.count), "a bundle has 1…256 entries")
    var bytes: [UInt8] = []
    for (position, entry) in entries.enumerated() {
      guard let length = UInt16(exactly: entry.count) else {
        throw .entryTooLong(position: position, byteCount: entry.count)
      }
      bytes.append(UInt8(length >> 8))
      bytes.append(UInt8(length & 0xff))
      bytes += entry
    }
    return bytes
  }

  /// The entries of a bundle which is `width` wide, 1…256, and has no byte more.
  ///
  /// That they are the log's entries shows only when their leaf hashes are compared with it.
  package static func decode(
    _ bytes: [UInt8], width: Int
  ) throws(EntryBundleError) -> [[UInt8]] {
    precondition((1...Tile.widthMax).contains(width), "a bundle has 1…256 entries")
    var entries: [[UInt8]] = []
    var rest = bytes[...]
    for position in 0..<width {
      guard rest.count >= 2 else { throw .truncated(position: position) }
      let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      rest = rest.dropFirst(2)
      guard rest.count >= length else { throw .truncated(position: position) }
      entries.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    guard rest.isEmpty else { throw .trailingBytes(count: rest.count) }
    return entries
  }
}

/// Why entries have no bundle, or bytes are none.
///
/// Positions are within the bundle, from 0.
package enum EntryBundleError: Error, Hashable {
  /// An entry longer than `LogLimits.entryBytesMax`.
  case entryTooLong(position: Int, byteCount: Int)
  /// The bytes end before or within this entry.
  case truncated(position: Int)
  /// Bytes after the last entry.
  case trailingBytes(count: Int)
}
