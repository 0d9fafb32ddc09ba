package import MergeCore
import SyncProtocol

extension WorkspaceEditor {
  /// Deletes a record; a conflict about its deletion ends (ruling 6).
  ///
  /// Deleting a deleted one is a no-op.
  package mutating func delete(_ id: RecordID) throws -> Made {
    let state = try existing(id)
    return try make(state.isDeleted ? [] : [DraftOperation(id, .delete)], on: id)
  }

  /// Brings a deleted record back, or keeps one whose deletion is in conflict.
  ///
  /// Restoring a live one is a no-op.
  package mutating func restore(_ id: RecordID) throws -> Made {
    let state = try existing(id)
    return try make(state.deletions.isEmpty ? [] : [DraftOperation(id, .restore)], on: id)
  }
}
