import CommandLineKit
import WorkspaceStore

extension Workspace {
  /// Remembers what was shown, so that `resolve` notices what arrives after it.
  ///
  /// A store that cannot be written, as on a full disk, can still be read: that is a warning.
  func note(listed conflicts: [ConflictView], _ console: Console) {
    do {
      try rememberListed(conflicts)
    } catch {
      let reason = FailureTable.failure(for: error)?.message ?? "\(String(describing: error))"
      console.warn(reason + "; what was listed is not remembered: resolve with --against")
    }
  }
}
