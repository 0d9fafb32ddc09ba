package import MergeCore

/// What merging a leaf comes to, by the measures that have a bound for the whole of it.
///
/// A change that goes beyond one of them alone is refused. Several may go beyond only together: then
/// none of them is at fault, and they belong in several batches.
package struct LeafCost: Sendable {
  /// Dots that the decisions name, superseded and concurrent ones (``Limits/leafDotsMax``).
  package var dots = 0
  /// Dots that the operations name which were read to undo some (``Limits/leafHistoryMax``).
  package var historyDots = 0
  /// The entries that each record had before the leaf.
  private var entriesByRecord: [RecordID: Int] = [:]
  private var entryCount = 0
  private var largest = 0

  package init() {}

  /// The entries of the records that are read, the largest one left out: however full a record is, a
  /// leaf may be on it (``Limits/leafEntriesMax``).
  package var entriesBesideLargest: Int { entryCount - largest }

  /// Whether one leaf may come to this.
  package var isWithinLimits: Bool {
    dots <= Limits.leafDotsMax && historyDots <= Limits.leafHistoryMax
      && entriesBesideLargest <= Limits.leafEntriesMax
  }

  /// Counts a record that is read, once.
  package mutating func count(_ record: RecordID, entries: Int) {
    guard entriesByRecord.updateValue(entries, forKey: record) == nil else { return }
    entryCount += entries
    largest = max(largest, entries)
  }

  /// Adds what others come to in the same leaf; what both read counts once.
  package mutating func add(_ other: LeafCost) {
    dots += other.dots
    historyDots += other.historyDots
    for (record, entries) in other.entriesByRecord where entriesByRecord[record] == nil {
      count(record, entries: entries)
    }
  }
}
