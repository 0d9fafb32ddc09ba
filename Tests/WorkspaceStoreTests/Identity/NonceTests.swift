import FoundationEssentials
import MergeCore
import SyncProtocol
import Testing

@testable import WorkspaceStore

@Suite("Whose store it is") struct NonceTests {
  private struct Crash: Error {}

  private let folder: TestFolder
  private let machine: Machine
  private let directory: String
  private let stateFile: String

  init() throws {
    folder = try TestFolder()
    machine = testMachine(seed: 1, in: folder.path)
    directory = folder.path + "/.hashiya"
    let store = try Workspace.found(in: directory, analyst: "Layla", machine: machine)
    stateFile = machine.stateDirectory + "/" + (try store.read { $0.replica.hex })
    try store.close()
  }

  /// Another process, which writes once; returns how many replicas the store has been afterwards.
  private func write(_ label: String, _ body: () throws -> Void = {}) throws -> Int {
    let store = try Workspace(opening: directory, machine: machine)
    defer { try? store.close() }
    try store.edit {
      _ = try $0.addLabel(label)
      try body()
    }
    return try store.read { try $0.ownReplicas().count }
  }

  private func state() throws -> [String] {
    try String(contentsOfFile: stateFile, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test("ruling 15: a crash before the transaction is durable is no doubt")
  func crashBefore() throws {
    #expect(throws: Crash.self) { try write("lost") { throw Crash() } }
    #expect(Set(try state()).count == 2, "the file holds the current nonce and the next")
    #expect(try write("kept") == 1)
    #expect(Set(try state()).count == 1, "settled again")
  }

  @Test("ruling 15: a crash after the transaction and before the file is settled is no doubt")
  func crashAfter() throws {
    var between: Data?
    #expect(try write("kept") { between = try Data(contentsOf: URL(filePath: stateFile)) } == 1)
    try #require(between).write(to: URL(filePath: stateFile))
    #expect(Set(try state()).count == 2)
    #expect(try write("kept too") == 1)
  }

  @Test("a write whose file cannot be settled is a write, and no doubt")
  func notSettled() throws {
    let aside = stateFile + ".aside"
    let made = try write("kept") {
      try FileManager.default.moveItem(atPath: stateFile, toPath: aside)
      // A folder in the file's place can be neither read nor replaced.
      try FileManager.default.createDirectory(
        atPath: stateFile, withIntermediateDirectories: false)
    }
    #expect(made == 1)
    try FileManager.default.removeItem(atPath: stateFile)
    try FileManager.default.moveItem(atPath: aside, toPath: stateFile)
    #expect(Set(try state()).count == 2)
    #expect(try write("kept too") == 1)
    #expect(Set(try state()).count == 1)
  }

  @Test("ruling 15: many crashes one after the other are no doubt")
  func crashes() throws {
    for number in 0..<5 {
      #expect(throws: Crash.self) { try write("lost \(number)") { throw Crash() } }
    }
    #expect(try write("kept") == 1)
  }

  @Test("a store that is older than the machine's file goes on under a successor, once")
  func restored() throws {
    let backup = folder.path + "/backup"
    try FileManager.default.copyItem(atPath: directory, toPath: backup)
    #expect(try write("after the backup") == 1)
    try FileManager.default.removeItem(atPath: directory)
    try FileManager.default.copyItem(atPath: backup, toPath: directory)
    #expect(try write("after the restore") == 2)
    #expect(try write("and on") == 2)
  }

  @Test("ruling 20: init names the founder, whose member id is the same for everybody")
  func founder() throws {
    let team = try Team()
    let founders = try [team.layla, team.omar, team.nadia].map { store in
      try #require(try store.read { $0.members() }.first)
    }
    #expect(founders.allSatisfy { $0.name == "Layla" && $0.role == .admin })
    #expect(Set(founders.map(\.id)).count == 1)
    #expect(founders[0].id.count == 16)
    let all = try team.omar.read { $0.members() }
    #expect(Set(all.map(\.id)).count == 3)
  }
}
