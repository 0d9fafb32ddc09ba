import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// A slot, or a data folder, of which files are gone: it is known all the same, and never an empty one.
@Suite struct LostFilesTests {
  private func path(_ server: TestServer, _ file: String) -> String {
    server.hosted.folder.path + "/" + file
  }

  private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  @Test("who only looks makes no log and destroys no WAL", arguments: [false, true])
  func looking(isEmptied: Bool) throws {
    let server = try TestServer()
    try server.append()
    try server.copy("server", to: "killed")
    try server.restart {
      try server.copy("killed", to: "server")
      let log = path(server, "log.sqlite")
      let wal = try fileContents(log + "-wal")
      #expect(!wal.isEmpty)
      remove(log)
      if isEmptied { try Data().write(to: URL(fileURLWithPath: log)) }
      let failure = failure {
        _ = try HostedWorkspace(opening: server.hosted.folder, mayCopy: true)
      }
      guard case .logMissing(_, let leftover)? = failure else {
        Issue.record("a lost log is read")
        return
      }
      #expect(leftover == log + "-wal")
      #expect(try fileContents(log + "-wal") == wal)
      #expect(FileManager.default.fileExists(atPath: log) == isEmptied)
    }
    // Who serves puts the WAL aside, and makes a log that only its owner may read.
    let kept = try #require(server.hosted.setAside)
    #expect(try !fileContents(kept).isEmpty)
    let attributes = try FileManager.default.attributesOfItem(atPath: path(server, "log.sqlite"))
    #expect((attributes[.posixPermissions] as? Int ?? 0) & 0o077 == 0)
    guard case .leaves? = try server.hosted.recoveryNeed() else {
      Issue.record("the log counts as an empty one")
      return
    }
  }

  private func failure(_ body: () throws -> Void) -> ServerFailure? {
    do {
      try body()
      return nil
    } catch {
      return error as? ServerFailure
    }
  }

  private func fileContents(_ path: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test("without its key a log is read, and signs nothing", arguments: ["", "no key\n"])
  func key(_ damaged: String) throws {
    let server = try TestServer()
    try server.append()
    let key = try fileContents(path(server, "log.skey"))
    try server.restart {
      remove(path(server, "log.skey"))
      if !damaged.isEmpty {
        try damaged.write(toFile: path(server, "log.skey"), atomically: true, encoding: .utf8)
      }
    }
    #expect(try server.hosted.recoveryNeed() == .keyLost)
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.exchange([], by: server.founder.id, mode: .pull).treeSize == 2)
    #expect(throws: RecoveryRefusal.self) { try server.hosted.recover(.nothingLost) }
    try server.restart {
      try Data(key).write(to: URL(fileURLWithPath: path(server, "log.skey")))
    }
    #expect(try server.hosted.recoveryNeed() == nil)
    // What was refused is made again from where the log is.
    #expect(try server.treeSize == 2)
  }

  @Test("a folder whose log and key are gone is known by what this machine signed")
  func folder() throws {
    let server = try TestServer()
    try server.append()
    let (slot, key) = (server.hosted.folder, server.hosted.logKey)
    #expect(slot.signedLog == SignedLog(key: key, size: 2))
    #expect(server.folder.lostLogs.isEmpty)
    try server.hosted.close()
    remove(slot.path)
    #expect(server.folder.lostLogs == [SignedLog(key: key, size: 2)])
    #expect(throws: ServerFailure.self) { try slot.create() }
    #expect(!slot.exists)
    try slot.makeAnew()
    let hosted = try HostedWorkspace(opening: slot)
    #expect(hosted.logKey == key)
    #expect(try hosted.recoveryNeed() == .keyLost)
  }

  @Test("an empty data folder does not take the place of one that was lost")
  func dataFolder() throws {
    let server = try TestServer()
    let (state, path) = (server.disk.folder("state"), server.disk.folder("anew"))
    func create(_ path: String, _ origin: String, isAnother: Bool = false) throws {
      _ = try ServerFolder.create(
        at: path, origin: origin, url: "http://127.0.0.1:7420", state: state, isAnother: isAnother)
    }
    guard case .signedBefore(let logs, _, _)? = failure({ try create(path, "example.com") }) else {
      Issue.record("it is made")
      return
    }
    #expect(logs.map(\.size) == [1])
    #expect(!FileManager.default.fileExists(atPath: path))
    try create(path, "example.com", isAnother: true)
    try create(server.disk.folder("other"), "example.org")
    // A folder that lost its server.json alone gets it again.
    remove(server.folder.path + "/server.json")
    let unopened = failure {
      _ = try ServerFolder(opening: server.folder.path, state: state)
    }
    guard case .notInitialized(_, let signed, let hasWorkspaces)? = unopened else {
      Issue.record("it is opened")
      return
    }
    #expect(hasWorkspaces)
    #expect(signed.map(\.origin) == ["example.com/team"])
    try create(server.folder.path, "example.com")
    let again = try ServerFolder(opening: server.folder.path, state: state)
    #expect(try again.workspaceNames() == ["team"])
  }

  @Test("a state folder in the data folder is found behind links and dots")
  func within() throws {
    let server = try TestServer()
    let data = server.folder.path
    let link = server.disk.folder("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: data)
    for state in [
      data + "/state", link + "/state", data + "/../server/state/deep", data + "/./x/../state",
    ] {
      let failure = failure { _ = try ServerFolder(opening: data, state: state) }
      guard case .stateWithinData? = failure else {
        Issue.record("\(state) passes")
        continue
      }
    }
    _ = try ServerFolder(opening: link, state: data + "/../state")
  }

  @Test("a record that cannot be read counts as lost, and is kept beside the next")
  func damagedRecord() throws {
    let server = try TestServer()
    let path = server.hosted.recordFile.path
    for bytes in [[], Array("nonsense\n".utf8), Array(#"{"current":"","next":""}"#.utf8)] {
      try server.restart { try DurableFile.replace(path, with: bytes) }
      #expect(try server.hosted.recoveryNeed() == .recordDamaged)
      #expect(try Problem.code { try server.append() } == "log-behind")
      #expect(try WorkspaceStatus(of: server.hosted).need == .recordDamaged)
      #expect(try server.exchange([], by: server.founder.id, mode: .pull).treeSize == 1)
      let finding = try server.hosted.check().first { $0.check == "no leaves were lost" }
      #expect(finding?.problem?.contains("damaged") == true)
      _ = try server.hosted.recover(.nothingLost)
      #expect(try fileContents(path + ".damaged") == bytes)
      #expect(try server.hosted.recoveryNeed() == nil)
    }
  }

  @Test("another process knows which file is served")
  func served() throws {
    let server = try TestServer()
    try server.append()
    server.hosted.beServed()
    let again = try HostedWorkspace(opening: server.hosted.folder)
    #expect(try again.recoveryNeed() == nil)
    let log = path(server, "log.sqlite")
    try FileManager.default.moveItem(atPath: log, toPath: log + ".away")
    try FileManager.default.copyItem(atPath: log + ".away", toPath: log)
    for suffix in ["-wal", "-shm"] { remove(log + suffix) }
    let other = try HostedWorkspace(opening: server.hosted.folder, mayCopy: true)
    #expect(try other.recoveryNeed() == .fileReplaced)
    #expect(try WorkspaceStatus(of: other).need == .fileReplaced)
  }

  @Test("of several records of one origin that which was signed furthest counts")
  func severalRecords() throws {
    let server = try TestServer()
    let folder = server.disk.folder("state")
    let name = try #require(KeyName(server.hosted.folder.origin))
    let keys = try (1...4).map { number in
      try #require(NoteSigner(name: name, seed: Array(repeating: number, count: 32))).verifierKey
    }
    for (key, size) in zip(keys, [7, 9, 9, 8] as [UInt64]) {
      var record = SigningRecord(current: "", next: "")
      record.key = key.text
      record.signed = SigningRecord.Head(
        size: size, root: Base64.encode(Array(repeating: 0, count: 32)))
      try SigningRecordFile(directory: folder, logKey: key).write(record)
    }
    let furthest = [keys[1], keys[2]].max { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    #expect(server.hosted.folder.signedLog?.key == furthest)
    #expect(server.hosted.folder.expectedKey(nil) == furthest)
    // A key that lies there and signed something is as good as its log.
    #expect(server.hosted.folder.expectedKey(keys[0]) == keys[0])
    let other = try #require(
      KeyName("example.com/other").flatMap {
        NoteSigner(name: $0, seed: Array(repeating: 9, count: 32))
      })
    #expect(server.hosted.folder.expectedKey(other.verifierKey) == furthest)
  }
}
