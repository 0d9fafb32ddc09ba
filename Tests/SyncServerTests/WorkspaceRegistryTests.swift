import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@testable import SyncServer

@Suite struct WorkspaceRegistryTests {
  @Test("a published workspace is found by its name and its id, and an unknown id opens nothing")
  func found() async throws {
    let server = try TestServer()
    let registry = WorkspaceRegistry(server.folder)
    try await registry.openAll()
    let id = server.founder.workspace
    #expect(try await registry.workspace(id.hex)?.name == "team")
    #expect(try await registry.workspace("team")?.name == "team")
    #expect(try await registry.workspace("other") == nil)
    // Even a folder that cannot be opened is not looked at for an id that nobody has.
    try FileManager.default.createDirectory(
      atPath: server.folder.path + "/workspaces/broken", withIntermediateDirectories: true)
    try DurableFile.replace(server.folder.path + "/workspaces/broken/log.skey", with: [0xFF])
    #expect(try await registry.workspace(Digest256.zero.hex) == nil)
    await registry.closeAll()
  }

  @Test("a slot made while serving is opened once, and found by its id once it is published")
  func openedOnce() async throws {
    let server = try TestServer()
    let registry = WorkspaceRegistry(server.folder)
    _ = try server.folder.workspace("late").create()
    let opened = try await withThrowingTaskGroup(of: HostedWorkspace?.self) { group in
      for _ in 0..<8 { group.addTask { try await registry.workspace("late") } }
      return try await group.reduce(into: [HostedWorkspace?]()) { $0.append($1) }
    }
    let first = try #require(opened.first ?? nil)
    #expect(opened.allSatisfy { $0 === first })
    let id = DomainHash.plain([1])
    #expect(try await registry.workspace(id.hex) == nil)
    await registry.remember(id, as: "late")
    #expect(try await registry.workspace(id.hex) === first)
    await registry.closeAll()
  }

  @Test("a server that cannot start closes what it has opened")
  func closed() async throws {
    let server = try TestServer()
    try server.append()
    try server.hosted.close()
    let missing = server.folder.path + "/missing.pem"
    let serving = try SyncServer(
      folder: server.folder, host: "127.0.0.1", port: 0,
      tls: TLSFiles(certificate: missing, key: missing))
    await #expect(throws: ServerFailure.self) { try await serving.serve { _, _ in } }
    let wal = server.hosted.folder.path + "/log.sqlite-wal"
    let size = try? FileManager.default.attributesOfItem(atPath: wal)[.size] as? Int
    #expect(size == nil || size == 0)
  }
}
