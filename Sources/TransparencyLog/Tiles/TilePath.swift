extension Tile {
  /// The path of the tile below the log's URL (tlog-tiles § Merkle Tree and § Log entries).
  ///
  ///     tile/<L>/<N>[.p/<W>]
  ///     tile/entries/<N>[.p/<W>]
  ///
  /// with N in groups of three digits, all but the last beginning with `x`, and W for a partial
  /// tile only: `tile/0/x001/x234/067.p/8`.
  package var path: String {
    let directory =
      switch content {
      case .hashes(let level): String(level)
      case .entries: "entries"
      }
    let suffix = isFull ? "" : ".p/\(width)"
    return "tile/\(directory)/\(Tile.encodedIndex(index))\(suffix)"
  }

  /// The tile at `path`; nil when the path has another form or no log has the tile.
  ///
  /// Strict: `path` of the result is the same path again, so each tile has one address.
  package init?(path: String) {
    var elements = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    guard elements.count >= 3, elements.removeFirst() == "tile" else { return nil }
    guard let content = Tile.content(directory: elements.removeFirst()) else { return nil }
    var width = Tile.widthMax
    if elements.count >= 2, elements[elements.count - 2].utf8.suffix(2).elementsEqual(".p".utf8) {
      guard let partial = Int(elements.removeLast()) else { return nil }
      width = partial
      elements[elements.count - 1].removeLast(2)
    }
    guard let index = Tile.index(elements: elements),
      let tile = Tile(content, index: index, width: width),
      tile.path.utf8.elementsEqual(path.utf8)
    else { return nil }
    self = tile
  }

  private static func content(directory: String) -> Content? {
    if directory == "entries" { return .entries }
    return Int(directory).map { .hashes(level: $0) }
  }

  private static func encodedIndex(_ index: UInt64) -> String {
    var path = threeDigits(index % 1000)
    var rest = index / 1000
    while rest > 0 {
      path = "x\(threeDigits(rest % 1000))/\(path)"
      rest /= 1000
    }
    return path
  }

  private static func threeDigits(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }

  private static func index(elements: [String]) -> UInt64? {
    var index: UInt64 = 0
    for (position, element) in elements.enumerated() {
      let isLast = position == elements.count - 1
      guard isLast || element.utf8.first == UInt8(ascii: "x") else { return nil }
      guard let group = UInt64(isLast ? element[...] : element.dropFirst()), group < 1000 else {
        return nil
      }
      let (thousands, overflowed) = index.multipliedReportingOverflow(by: 1000)
      guard !overflowed, thousands <= UInt64.max - group else { return nil }
      index = thousands + group
    }
    return index
  }
}
