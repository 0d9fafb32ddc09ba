package import TransparencyLog

/// What a repair came to.
package struct RepairOutcome: Sendable {
  /// What could not be kept, in words, with what to do about it; empty when all was brought back.
  package var losses: [String] = []
  /// Leaves from which everything else was made anew.
  package var leaves: UInt64 = 0
  /// The file as it was before, beside the repaired one.
  package var keptFile = ""
}

/// Why a file is not repaired; it is as it was.
package enum RepairRefusal: Error, Sendable {
  /// A leaf, or its batch, is damaged or gone: only those who hold it too can bring it back.
  case leafLost(UInt64, String)
  /// SQLite cannot read the file; in its words.
  case unreadable(String)
  /// The leaves are well formed, and are not those that were signed.
  case otherRoot(size: UInt64)
  /// The first leaf makes another workspace than the one that the store was given.
  case otherWorkspace
  /// Nothing says any more which key signs the log, or no checkpoint is left that it signed.
  case nothingSigned
  /// The log is not that of the key by which it is to be repaired.
  case otherKey(VerifierKey)
  /// The store's own keys are damaged, or the work that it began with.
  case ownKeyLost(String)
}
