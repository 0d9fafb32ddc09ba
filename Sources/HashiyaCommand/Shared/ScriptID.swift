import MergeCore
import WorkspaceStore

extension WorkspaceEditor {
  /// The record that `--id`, or a line of a batch file, makes under a script's id, remembered so that
  /// the id works as a reference; nil when there is no id.
  func record(
    forScriptID id: String?, _ kind: RecordKind, namespace: String? = nil
  ) throws -> RecordID? {
    guard let id, let record = try reader.record(scriptID: id, kind: kind, namespace: namespace)
    else { return nil }
    try remember(id, as: record, namespace: namespace)
    return record
  }
}
