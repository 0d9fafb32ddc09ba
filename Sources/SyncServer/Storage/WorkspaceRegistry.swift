import MergeCore
import WorkspaceStore

/// The workspaces that this process has opened; new folders are found when they are asked for.
package actor WorkspaceRegistry {
  private let folder: ServerFolder
  private var opened: [String: HostedWorkspace] = [:]
  /// Name by workspace id, for those that have been published.
  private var namesByID: [Digest256: String] = [:]

  package init(_ folder: ServerFolder) { self.folder = folder }

  /// Opens every workspace there is, so that what cannot be opened shows when the server starts.
  package func openAll() throws(ServerFailure) {
    for name in try folder.workspaceNames() { _ = try workspace(named: name) }
  }

  /// The workspace with a name, or with an id in hexadecimal; nil when there is none.
  func workspace(_ segment: String) throws(ServerFailure) -> HostedWorkspace? {
    guard let id = Digest256(hex: segment) else {
      guard WorkspaceFolder.isName(segment), folder.workspace(segment).exists else { return nil }
      return try workspace(named: segment)
    }
    if let name = namesByID[id] { return try workspace(named: name) }
    for name in try folder.workspaceNames() {
      let workspace = try workspace(named: name)
      do {
        guard let found = try workspace.workspaceID() else { continue }
        namesByID[found] = name
      } catch {
        throw .store(error)
      }
    }
    guard let name = namesByID[id] else { return nil }
    return try workspace(named: name)
  }

  private func workspace(named name: String) throws(ServerFailure) -> HostedWorkspace {
    if let workspace = opened[name] { return workspace }
    let workspace = try HostedWorkspace(opening: folder.workspace(name))
    do { try workspace.signEnd() } catch { throw .store(StoreFailure(error)) }
    opened[name] = workspace
    return workspace
  }

  /// Closes all logs; whoever still works on one finishes first.
  package func closeAll() {
    for workspace in opened.values {
      // The process ends: what a close cannot flush, the next start's recovery reads from the WAL.
      try? workspace.close()
    }
    opened = [:]
  }
}
