import Foundation
import SimulationKit
import SyncClient
import SyncProtocol
import Synchronization
import Testing
import TransparencyLog
import WorkspaceStore

/// The system's clock, wrong by some seconds that may change.
private final class WrongClock: Sendable {
  private let ahead: Mutex<Int64>

  init(ahead seconds: Int64) { ahead = Mutex(seconds) }

  func set(ahead seconds: Int64) { ahead.withLock { $0 = seconds } }

  /// Milliseconds since 1970.
  func now() -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1000) + ahead.withLock { $0 } * 1000
  }
}

/// A founder's store on a machine whose clock is off, in this process; the server is one of its own.
private struct OffClock {
  let disk: SimulatedDisk
  let clock: WrongClock
  let store: Workspace

  init(seconds: Int64) throws {
    let (disk, clock) = (try SimulatedDisk(), WrongClock(ahead: seconds))
    (self.disk, self.clock) = (disk, clock)
    let random = SeededRandom(seed: 1)
    let machine = Machine(
      now: { clock.now() }, randomBytes: { random.bytes($0) },
      stateDirectory: disk.folder("state"))
    store = try Workspace.found(in: disk.folder("store"), analyst: "Layla", machine: machine)
  }

  /// Points the store at a server that answers what it is told.
  func point(at server: ScriptedServer) throws {
    let name = try #require(KeyName("example.com/press"))
    let signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 1, count: 32)))
    try store.setServer(
      ShareCode(
        purpose: .claim, url: server.url, slot: "press", logKey: signer.verifierKey.text,
        secret: [UInt8](repeating: 7, count: 32), workspace: nil))
  }
}

/// The client's continuations need the shared pool, which tests that compute keep busy for longer than a
/// server waits on a silent connection: so these run alone, `HASHIYA_ALONE=1 swift test --filter
/// SyncClientTests`.
@Suite(
  "A clock that is off",
  .enabled(if: ProcessInfo.processInfo.environment["HASHIYA_ALONE"] != nil, "needs to run alone"))
struct ClockCorrectionTests {
  @Test(
    "the first sync goes on by the server's clock at the cost of one request, and later ones at none",
    arguments: [-86_400, -3_600, 3_600, 40_000_000])
  func corrected(seconds: Int64) async throws {
    let machine = try OffClock(seconds: seconds)
    try await Self.serving { server, claim in
      let outcome = try await Synchronizer(workspace: machine.store).publish(claim)
      #expect(outcome.inSync)
      #expect(outcome.pushedChanges == 1)
      #expect(server.expiredTokens == 1)
      try machine.store.edit { _ = try $0.addLabel("late or early") }
      let again = try await Synchronizer(workspace: machine.store).run(.sync)
      #expect(again.inSync)
      #expect(again.pushedChanges == 1)
      #expect(again.roundTrips == 1)
      #expect(server.expiredTokens == 1)
      let token = try await Synchronizer(workspace: machine.store).bearerToken()
      #expect(try server.accepts(token))
    }
  }

  @Test("a clock that was set right afterwards costs one request again")
  func setRight() async throws {
    let machine = try OffClock(seconds: 7_200)
    try await Self.serving { server, claim in
      _ = try await Synchronizer(workspace: machine.store).publish(claim)
      machine.clock.set(ahead: 0)
      let stale = try await Synchronizer(workspace: machine.store).bearerToken()
      #expect(try !server.accepts(stale))
      for requests in [2, 1] {
        let outcome = try await Synchronizer(workspace: machine.store).run(.sync)
        #expect(outcome.inSync)
        #expect(outcome.roundTrips == requests)
      }
      let token = try await Synchronizer(workspace: machine.store).bearerToken()
      #expect(try server.accepts(token))
    }
  }

  @Test("a clock that is off by less than a token's life costs nothing", arguments: [-200, 0, 200])
  func tolerated(seconds: Int64) async throws {
    let machine = try OffClock(seconds: seconds)
    try await Self.serving { server, claim in
      let outcome = try await Synchronizer(workspace: machine.store).publish(claim)
      #expect(outcome.inSync)
      #expect(outcome.roundTrips == 1)
      #expect(server.expiredTokens == 0)
    }
  }

  /// Plays with a server that serves in a process of its own.
  private static func serving(
    _ body: (_ server: ServingProcess, _ claim: ShareCode) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let server = try scene.server()
      let claim = try ShareCode(text: server.createWorkspace())
      try server.start()
      try await body(ServingProcess(host: server), claim)
    }
  }

  private struct ServingProcess {
    let host: ServerHost

    /// How many tokens the server has told its operator to have refused for their time.
    var expiredTokens: Int {
      let messages = host.process?.messagesSoFar ?? ""
      return messages.components(separatedBy: "code=token-expired").count - 1
    }

    /// Whether a token opens the log.
    func accepts(_ token: String) throws -> Bool {
      try RawHTTP.request(
        "GET", "/v1/workspaces/press/log/checkpoint", headers: ["Authorization: Bearer \(token)"],
        port: host.port
      ).status == 200
    }
  }
}

/// What the client does with answers that no server of this project gives.
@Suite("Refused tokens")
struct RefusedTokenTests {
  private static let expired = #"{"code":"token-expired","detail":"sign a new one"}"#
  private static let date = "Date: Sun, 22 Nov 2026 09:00:00 GMT"

  @Test("the second token is signed with the time that the answer stated")
  func signedAnew() async throws {
    let (server, failure) = try await sync([
      ScriptedServer.answer("401 Unauthorized", headers: [Self.date], json: Self.expired),
      ScriptedServer.answer("503 Service Unavailable", json: #"{"code":"busy","detail":"busy"}"#),
    ])
    guard case .retryLater("busy") = failure else {
      Issue.record("\(failure)")
      return
    }
    let times = try server.requestHeads.map { try Self.issued($0) }
    #expect(times.count == 2)
    #expect(abs(times[0] - Int64(Date().timeIntervalSince1970)) < 600)
    // The token is signed a moment after the answer came.
    #expect((1_795_338_000...1_795_338_120).contains(times[1]), "\(times)")
  }

  @Test("a second refusal is told, and there is no third request")
  func once() async throws {
    let answer = ScriptedServer.answer(
      "401 Unauthorized", headers: [Self.date], json: Self.expired)
    let (server, failure) = try await sync([answer, answer, answer])
    guard case .notPermitted(let detail) = failure else {
      Issue.record("\(failure)")
      return
    }
    #expect(detail == "sign a new one")
    #expect(server.requestHeads.count == 2)
  }

  @Test(
    "no other refusal, and none without a date, is asked again",
    arguments: [
      ("401 Unauthorized", [], #"{"code":"token-expired","detail":"no"}"#),
      ("401 Unauthorized", ["Date: yesterday"], #"{"code":"token-expired","detail":"no"}"#),
      ("401 Unauthorized", [date], #"{"code":"token-malformed","detail":"no"}"#),
      ("403 Forbidden", [date], #"{"code":"token-expired","detail":"no"}"#),
      ("401 Unauthorized", [date], "not JSON"),
    ])
  func notAgain(status: String, headers: [String], json: String) async throws {
    let answer = ScriptedServer.answer(status, headers: headers, json: json)
    let (server, failure) = try await sync([answer, answer])
    switch failure {
    case .notPermitted, .problem(status: 401, code: "", _): break
    default: Issue.record("\(failure)")
    }
    #expect(server.requestHeads.count == 1)
  }

  /// A sync with a server that gives these answers, and what it fails with.
  private func sync(_ answers: [String]) async throws -> (ScriptedServer, SyncFailure) {
    let clock = try OffClock(seconds: 0)
    let server = try ScriptedServer(answers: answers)
    try clock.point(at: server)
    do {
      _ = try await Synchronizer(workspace: clock.store).run(.sync)
    } catch {
      return (server, error)
    }
    throw ProcessFailure("the sync succeeded")
  }

  /// When the token in a request's head was issued.
  private static func issued(_ head: String) throws -> Int64 {
    let line = try #require(
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("authorization: bearer ") })
    let parts = line.dropFirst("authorization: bearer ".count).split(separator: ".")
    var payload = parts[1].replacing("-", with: "+").replacing("_", with: "/")
    while payload.utf8.count % 4 != 0 { payload += "=" }
    let bytes = try #require(Data(base64Encoded: String(payload)))
    let claims = try JSON(parsing: Array(bytes))
    return Int64(try #require(claims["iat"]?.int))
  }
}
