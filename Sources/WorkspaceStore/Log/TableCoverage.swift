/// The tables in which neither a seal nor the comparison with replay finds damage, each with what does.
///
/// Every other table of a log's, server's or store's file has a seal, or follows from leaves and batches
/// and is compared column by column (``LogReader/firstDifference(from:)``). A table that is new belongs
/// to one of the three; a test sees to it.
package enum TableCoverage {
  /// What finds damage in each of these tables, in words, by the table's name.
  package static let checkedOtherwise = [
    "checkpoint": "each note is signed, and its root is compared with the tree's",
    "content": "each value has its hash for a key, and those that replay needs have to be there",
    "grdb_migrations": "whoever opens the file compares it with what this program makes",
    "pending_record_change": "it is compared with what the pending changes are on",
    "sqlite_sequence": "each number is compared with the rows that it numbers",
  ]
}
