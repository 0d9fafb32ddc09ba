import MergeCore

/// Short handles: the shortest unique end of an identity's hexadecimal digits, at least
/// `AnnotationLimits.handleDigitsMin` of them.
///
/// Ends and not beginnings, because a UUIDv7 begins with the time: records made in one session
/// share their first digits.
package enum ShortHandle {
  /// The handle of `id` when `countEnding` tells how many identities end in some digits, itself
  /// included.
  ///
  /// Asks once a length, mostly once in all. Where even the whole id is not unique, it is the
  /// handle.
  package static func shortest<Failure: Error>(
    of id: [UInt8], countEnding: (String) throws(Failure) -> Int
  ) throws(Failure) -> String {
    let digits = Array(hexText(id).utf8)
    for length in AnnotationLimits.handleDigitsMin..<digits.count {
      let tail = String(decoding: digits.suffix(length), as: UTF8.self)
      if try countEnding(tail) <= 1 { return tail }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The handle of each of `ids`, in their order, which may be any.
  ///
  /// Sorting the digits from the end brings each id next to the ones it shares the longest end
  /// with, so all handles cost one sort.
  package static func shortest(of ids: [[UInt8]]) -> [String] {
    let reversed = ids.map { Array(hexText($0).utf8.reversed()) }
    let order = ids.indices.sorted { reversed[$0].lexicographicallyPrecedes(reversed[$1]) }
    var shared = [Int](repeating: 0, count: ids.count)
    for (left, right) in zip(order, order.dropFirst()) where reversed[left] != reversed[right] {
      let common = zip(reversed[left], reversed[right]).prefix { $0 == $1 }.count
      shared[left] = max(shared[left], common)
      shared[right] = max(shared[right], common)
    }
    return ids.indices.map { index in
      let length = max(AnnotationLimits.handleDigitsMin, shared[index] + 1)
      return String(decoding: reversed[index].prefix(length).reversed(), as: UTF8.self)
    }
  }
}

/// What somebody typed to name a record by its identity.
package enum HandleQuery: Hashable, Sendable {
  /// A whole identity of 16 or 32 bytes.
  case whole([UInt8])
  /// The lowercase digits that the identity ends in.
  case tail(String)

  /// Reads a UUID, 32 or 64 digits, or at least `AnnotationLimits.handleDigitsMin` digits of an
  /// identity's end, in either case, after an ellipsis or not; nil for text that can be neither.
  package init?(_ typed: String) {
    var characters = Array(typed.utf8)
    let ellipsis = Array("…".utf8)
    if characters.starts(with: ellipsis) { characters.removeFirst(ellipsis.count) }
    let text = String(decoding: characters, as: UTF8.self)
    if let bytes = RecordUUID.bytes(of: text) {
      self = .whole(bytes)
      return
    }
    // A leading zero makes the count even, so that an odd number of digits is read too.
    let padded = characters.count % 2 == 0 ? text : "0" + text
    guard (AnnotationLimits.handleDigitsMin...64).contains(characters.count),
      let bytes = hexBytes(padded)
    else { return nil }
    self =
      characters.count == 64
      ? .whole(bytes) : .tail(String(hexText(bytes).suffix(characters.count)))
  }

  /// Whether a name reads like a handle and like no word or number: so many hexadecimal digits as a
  /// handle has at least, letters and numerals among them.
  package static func looksLikeHandle(_ name: String) -> Bool {
    guard case .tail = HandleQuery(name) else { return false }
    let digits = name.utf8.filter { (0x30...0x39).contains($0) }.count
    return digits > 0 && digits < name.utf8.count
  }

  /// Whether an identity is one that was meant.
  package func matches(_ id: [UInt8]) -> Bool {
    switch self {
    case .whole(let bytes): bytes == id
    case .tail(let digits): hexText(id).utf8.reversed().starts(with: digits.utf8.reversed())
    }
  }
}
