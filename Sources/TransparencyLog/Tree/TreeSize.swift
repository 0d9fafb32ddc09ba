/// A number of leaves, at most `LogLimits.treeSizeMax`.
///
/// The type holds its own limit, so arithmetic on a size that exists cannot overflow. A number from
/// outside enters by `init(rawValue:)`, which refuses what is too large.
package struct TreeSize: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64

  /// The size with `rawValue` leaves; nil above `LogLimits.treeSizeMax`.
  package init?(rawValue: UInt64) {
    guard rawValue <= LogLimits.treeSizeMax else { return nil }
    self.rawValue = rawValue
  }

  /// The size with `count` leaves, which the caller knows to be within the limit.
  package init(_ count: some BinaryInteger) {
    guard let rawValue = UInt64(exactly: count), rawValue <= LogLimits.treeSizeMax else {
      preconditionFailure("no tree has \(count) leaves")
    }
    self.rawValue = rawValue
  }

  /// Whether a tree of this size has the leaf.
  package func contains(_ leaf: LeafIndex) -> Bool { leaf.rawValue < rawValue }

  /// The position of the leaf that would be appended next.
  package var nextLeaf: LeafIndex { LeafIndex(rawValue) }
}

/// The position of a leaf in the log, starting at 0 and below `LogLimits.treeSizeMax`.
package struct LeafIndex: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64

  /// The leaf at position `rawValue`; nil from `LogLimits.treeSizeMax` on.
  package init?(rawValue: UInt64) {
    guard rawValue < LogLimits.treeSizeMax else { return nil }
    self.rawValue = rawValue
  }

  /// The leaf at `position`, which the caller knows to be within the limit.
  package init(_ position: some BinaryInteger) {
    guard let rawValue = UInt64(exactly: position), rawValue < LogLimits.treeSizeMax else {
      preconditionFailure("no log has a leaf \(position)")
    }
    self.rawValue = rawValue
  }

  /// The size of the smallest tree that has this leaf.
  package var treeSize: TreeSize { TreeSize(rawValue + 1) }
}

extension TreeSize: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  package init(integerLiteral value: UInt64) { self.init(value) }

  package static func < (left: TreeSize, right: TreeSize) -> Bool {
    left.rawValue < right.rawValue
  }

  package var description: String { String(rawValue) }
}

extension LeafIndex: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  package init(integerLiteral value: UInt64) { self.init(value) }

  package static func < (left: LeafIndex, right: LeafIndex) -> Bool {
    left.rawValue < right.rawValue
  }

  package var description: String { String(rawValue) }
}
