import MergeCore
import WorkspaceStore

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
      // What keeps one from being opened is remembered.
      _ = try? await open(name)
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
    return try await open(segment)
  }

  /// Remembers under which name a workspace was published.
  func remember(_ id: Digest256, as name: String) { namesByID[id] = name }

  /// Opens a folder, and remembers where that fails; nil when it is not there.
  private func open(_ name: String) async throws(ServerFailure) -> HostedWorkspace? {
    let folder = folder.workspace(name)
    let found: (workspace: HostedWorkspace, id: Digest256?)?
    do {
      found = try await files.run {
        guard folder.exists else { return nil }
        let workspace = try HostedWorkspace(opening: folder)
        do {
          // A damaged file signs nothing; what can be read of it is read.
          if try workspace.damage() == nil { try workspace.signEnd() }
          workspace.beServed()
          return (workspace, try workspace.workspaceID())
        } catch {
          // Why it cannot be opened says more than why it cannot be closed.
          try? workspace.close()
          throw error
        }
      }
    } catch {
      // Another request may have opened it while this one waited, as below.
      if let earlier = opened[name] { return earlier }
      let failure = ServerFailure(error)
      refused[name] = (failure, .now)
      throw failure
    }
    if let earlier = opened[name] {
      if let found { await close([found.workspace]) }
      return earlier
    }
    refused[name] = nil
    guard let found else { return nil }
    opened[name] = found.workspace
    if let id = found.id { namesByID[id] = name }
    return found.workspace
  }

  /// The workspaces that take nothing in, and why, by name.
  ///
  /// Those that could not be opened are tried again, as if a member had asked for them.
  func obstacles() async -> [(name: String, obstacle: WorkspaceObstacle)] {
    let due = refused.filter {
      ContinuousClock.now - $0.value.time >= .seconds(ServerLimits.readinessSeconds)
    }
    for name in due.keys.sorted() { _ = try? await open(name) }
    return await figures().compactMap { figures in figures.obstacle.map { (figures.name, $0) } }
  }

  /// Where orphaned WALs were put, by the workspace's name.
  func setAside() -> [(name: String, path: String)] {
    opened.values.sorted { $0.name < $1.name }.compactMap { workspace in
      workspace.setAside.map { (workspace.name, $0) }
    }
  }

  /// How all logs stand, by name; what cannot be read of one keeps nobody from the others.
  func figures() async -> [WorkspaceFigures] {
    let workspaces = Array(opened.values)
    let refused = refused.map { (folder: folder.workspace($0.key), failure: $0.value.failure) }
    let figures = await look {
      workspaces.map { WorkspaceFigures(of: $0) }
        + refused.map { WorkspaceFigures(ofRefused: $0.folder, $0.failure) }
    }
    return figures.sorted { $0.name < $1.name }
  }

  /// Whether the disk has room, and is writable, where the opened logs stand.
  func canWrite() async -> Bool {
    let names = Array(opened.keys)
    return await look { [folder] in folder.canWrite(names) }
  }

  /// Closes all logs; whoever still works on one finishes first.
  package func closeAll() async {
    let workspaces = opened.values.sorted { $0.name < $1.name }
    opened = [:]
    await close(workspaces)
  }

  /// What a close cannot flush, the next opening reads from the WAL.
  private func close(_ workspaces: [HostedWorkspace]) async {
    await look { for workspace in workspaces { try? workspace.close() } }
  }

  /// Runs what throws nothing on the queue for what blocks.
  private func look<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    do {
      return try await files.run(body)
    } catch {
      preconditionFailure("what throws nothing threw \(error)")
    }
  }
}
