import MergeCore
import WorkspaceStore

/// Why a workspace takes nothing in.
enum WorkspaceObstacle: Sendable {
  case need(RecoveryNeed)
  /// Its file is not as it was written, and where.
  case damage(String)
  /// It cannot be opened, and why.
  case refusal(ServerFailure)

  /// Whether its files are at fault; else leaves are missing, or its operator has something to decide.
  var isDamage: Bool {
    if case .need = self { false } else { true }
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
  /// Those that could not be opened, why, and when that was tried last.
  private var refused: [String: (failure: ServerFailure, time: ContinuousClock.Instant)] = [:]

  package init(_ folder: ServerFolder) { self.folder = folder }

  /// Opens every workspace there is, so that what cannot be opened shows when the server starts.
  ///
  /// The others are served. One that this machine signed, and whose folder is gone, gets an empty
  /// folder: its members are told, and it heals once its key is back.
  ///
  /// Returns how many there are.
  @discardableResult
  package func openAll() async throws(ServerFailure) -> Int {
    for log in folder.lostLogs { try folder.workspace(folder.slotName(of: log)).makeAnew() }
    let names = try folder.workspaceNames()
    for name in names {
      do throws(ServerFailure) {
        _ = try await open(name)
      } catch {
        refused[name] = (error, .now)
      }
    }
    return names.count
  }

  /// The workspace with a name, or with an id in hexadecimal; nil when there is none.
  func workspace(_ segment: String) async throws(ServerFailure) -> HostedWorkspace? {
    if let id = Digest256(hex: segment) { return namesByID[id].flatMap { opened[$0] } }
    if let workspace = opened[segment] { return workspace }
    guard WorkspaceFolder.isName(segment) else { return nil }
    if let (failure, time) = refused[segment],
      ContinuousClock.now - time < .seconds(ServerLimits.readinessSeconds)
    {
      throw failure
    }
    do throws(ServerFailure) {
      return try await open(segment)
    } catch {
      refused[segment] = (error, .now)
      throw error
    }
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
          workspace.beServed()
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
      refused[name] = nil
      if let id { namesByID[id] = name }
      return workspace
    } catch let failure as ServerFailure {
      throw failure
    } catch {
      throw .store(StoreFailure(error))
    }
  }

  /// The workspaces that take nothing in, and why: those that could not be opened, by name, and then
  /// the opened ones.
  func obstacles() async throws -> [(name: String, obstacle: WorkspaceObstacle)] {
    let workspaces = opened.values.sorted { $0.name < $1.name }
    let refused = refused.sorted { $0.key < $1.key }.map {
      (name: $0.key, obstacle: WorkspaceObstacle.refusal($0.value.failure))
    }
    let others = try await files.run { () throws -> [(name: String, obstacle: WorkspaceObstacle)] in
      try workspaces.compactMap { workspace in
        guard workspace.isInPlace else { return (workspace.name, .need(.fileReplaced)) }
        if let what = try workspace.damage() { return (workspace.name, .damage(what)) }
        return try workspace.recoveryNeed().map { (workspace.name, .need($0)) }
      }
    }
    return refused + others
  }

  /// Where orphaned WALs were put, by the workspace's name.
  func setAside() -> [(name: String, path: String)] {
    opened.values.sorted { $0.name < $1.name }.compactMap { workspace in
      workspace.setAside.map { (workspace.name, $0) }
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
