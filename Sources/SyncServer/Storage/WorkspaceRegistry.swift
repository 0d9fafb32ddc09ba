import MergeCore
import WorkspaceStore

/// Why a workspace takes nothing in.
enum WorkspaceObstacle: Sendable {
  case need(RecoveryNeed)
  /// Its file is not as it was written, and where.
  case damage(String)

  var isDamage: Bool {
    if case .damage = self { true } else { false }
  }
}

/// The workspaces that this process has opened; new folders are found when they are asked for.
///
/// Whoever asks has shown no token yet, so an answer that there is none costs no file and no log:
/// identities are known from opening and from publishing, and all that blocks is done on a queue.
package actor WorkspaceRegistry {
  private let folder: ServerFolder
  private let files = WorkQueue(label: "open workspaces", isConcurrent: false)
  private var opened: [String: HostedWorkspace] = [:]
  /// Name by workspace id, for those that have been published.
  private var namesByID: [Digest256: String] = [:]

  package init(_ folder: ServerFolder) { self.folder = folder }

  /// Opens every workspace there is, so that what cannot be opened shows when the server starts.
  ///
  /// Returns how many there are.
  @discardableResult
  package func openAll() async throws(ServerFailure) -> Int {
    let names = try folder.workspaceNames()
    for name in names { _ = try await open(name) }
    return names.count
  }

  /// The workspace with a name, or with an id in hexadecimal; nil when there is none.
  func workspace(_ segment: String) async throws(ServerFailure) -> HostedWorkspace? {
    if let id = Digest256(hex: segment) { return namesByID[id].flatMap { opened[$0] } }
    if let workspace = opened[segment] { return workspace }
    guard WorkspaceFolder.isName(segment) else { return nil }
    return try await open(segment)
  }

  /// Remembers under which name a workspace was published.
  func remember(_ id: Digest256, as name: String) { namesByID[id] = name }

  /// Opens a folder; nil when it is not there.
  private func open(_ name: String) async throws(ServerFailure) -> HostedWorkspace? {
    let folder = folder.workspace(name)
    do {
      let found = try await files.run { () throws -> (HostedWorkspace, Digest256?)? in
        guard folder.exists else { return nil }
        let workspace = try HostedWorkspace(opening: folder)
        do {
          // A damaged file signs nothing; what can be read of it is read.
          if try workspace.damage() == nil { try workspace.signEnd() }
          return (workspace, try workspace.workspaceID())
        } catch {
          try workspace.close()
          throw error
        }
      }
      guard let (workspace, id) = found else { return nil }
      // Another request may have opened it while this one waited.
      if let earlier = opened[name] {
        try await files.run { try workspace.close() }
        return earlier
      }
      opened[name] = workspace
      if let id { namesByID[id] = name }
      return workspace
    } catch let failure as ServerFailure {
      throw failure
    } catch {
      throw .store(StoreFailure(error))
    }
  }

  /// The opened workspaces that take nothing in, by name, and why.
  func obstacles() async throws -> [(name: String, obstacle: WorkspaceObstacle)] {
    let workspaces = opened.values.sorted { $0.name < $1.name }
    return try await files.run {
      try workspaces.compactMap { workspace in
        if let what = try workspace.damage() { return (workspace.name, .damage(what)) }
        return try workspace.recoveryNeed().map { (workspace.name, .need($0)) }
      }
    }
  }

  /// How the opened logs stand, by name.
  func figures() async throws -> [WorkspaceFigures] {
    let workspaces = opened.values.sorted { $0.name < $1.name }
    return try await files.run { try workspaces.map { try WorkspaceFigures(of: $0) } }
  }

  /// Whether the disk has room, and is writable, where the opened logs stand.
  func canWrite() async -> Bool {
    let names = Array(opened.keys)
    return (try? await files.run { [folder] in folder.canWrite(names) }) ?? false
  }

  /// Closes all logs; whoever still works on one finishes first.
  package func closeAll() async {
    let workspaces = opened.values.sorted { $0.name < $1.name }
    opened = [:]
    do {
      try await files.run {
        // The process ends: what a close cannot flush, the next start's recovery reads from the WAL.
        for workspace in workspaces { try? workspace.close() }
      }
    } catch {
      preconditionFailure("closing throws nothing: \(error)")
    }
  }
}
