import AnnotationModel
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Mail on its way to the server")
struct MailExchangeTests {
  @Test("mail that has to wait keeps no other from its turn, and no sync from its end")
  func starvation() throws {
    let disk = try SimulatedDisk()
    let time = SimulatedTime()
    let server = try SimulatedServer(in: disk.folder("server"))
    let exchange = SimulatedExchange(server: server)
    let random = SeededRandom(seed: 1)
    func machine(_ seed: UInt64) -> Machine {
      .simulated(
        seed: seed, time: time, skew: 0, stateDirectory: disk.folder("state-\(seed)"))
    }
    let layla = try Workspace.found(
      in: disk.folder("layla"), analyst: "Layla", machine: machine(1))
    try layla.setServer(server.claim)
    _ = try exchange.run(.sync, layla, .none, random)
    let invitation = try layla.edit { try $0.invite(name: "Omar", role: .annotator) }
    _ = try exchange.run(.sync, layla, .none, random)
    let omar = try Workspace.join(
      in: disk.folder("omar"), invite: invitation.code, machine: machine(2))
    _ = try exchange.run(.sync, omar, .none, random)
    try omar.edit { _ = try $0.addLabel("claim") }

    var bundle = try Bundle(decoding: omar.makeBundle(since: 0))
    let late = bundle.pending
    bundle.pending = try waiting(300, of: bundle.workspace) + late
    #expect(try layla.apply(bundle: bundle.encoded).mail == 301)
    let first = try exchange.run(.sync, layla, .none, random)
    #expect(first.inSync)
    #expect(try layla.read { try $0.liveCount(of: .label) } == 1)
    #expect(try layla.read { try $0.exchangeStanding().mail } == 300)
    let second = try exchange.run(.sync, layla, .none, random)
    #expect(second.roundTrips <= 3)
  }

  /// Batches that wait for the ones before them, which nobody has.
  private func waiting(_ count: Int, of workspace: Digest256) throws -> [[UInt8]] {
    var author = try BatchAuthor(number: 77, workspace: workspace)
    let label = try LabelID(name: "x").record
    author.make([DraftOperation(label, .delete)])
    _ = try author.seal()
    return try (0..<count).map { _ in
      author.make([DraftOperation(label, .delete)])
      return try author.seal()
    }
  }
}
