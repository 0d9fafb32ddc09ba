import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// A problem document, as a client reads it.
struct ServerProblem: Error {
  var status: Int
  var code: String
  var detail: String
  var reason: String?
  var treeSize: UInt64?
  var signedSize: UInt64?

  init(_ error: any Error) {
    let document = ProblemDocument(Problem(error))
    status = document.status
    code = document.code
    detail = "\(document.detail) [\(error)]"
    reason = document.reason
    treeSize = document.treeSize
    signedSize = document.signedSize
  }
}

/// The real server's exchange without HTTP, on a log in a folder.
final class SimulatedServer {
  private let folder: ServerFolder
  private(set) var hosted: HostedWorkspace
  let signer: NoteSigner
  /// The machine's wall clock, and what the server makes of it.
  let wall: SimulatedClock
  private(set) var clock: ServerClock
  /// What others do while the batches of the next request are taken in one by one.
  var betweenTurns: (() throws -> Void)?
  /// What publishes into the slot.
  let claim: ShareCode

  /// A server with one empty slot, whose key follows from nothing but this code, so that a seed gives
  /// the same log each time.
  init(in path: String, time: SimulatedTime = SimulatedTime()) throws {
    let url = "http://127.0.0.1:7420"
    let folder = try ServerFolder.create(
      at: path, origin: "example.com", url: url, state: path + "-state")
    let slot = folder.workspace("team")
    let secret = try slot.create()
    guard let name = KeyName(slot.origin),
      let signer = NoteSigner(name: name, seed: [UInt8](repeating: 9, count: 32))
    else { throw SimulationFault("the signer cannot be made") }
    self.signer = signer
    wall = SimulatedClock(time)
    clock = Self.clock(of: folder.path, wall)
    self.folder = folder
    try ServerFile.write(Array((signer.secretText + "\n").utf8), to: slot.path + "/log.skey")
    // The log says which key is its own, whatever lies beside it.
    let log = try slot.openLog(signer.verifierKey)
    try log.write { db in
      var writer = try LogWriter(db)
      try writer.setLogKey(signer.verifierKey)
    }
    try log.close()
    hosted = try HostedWorkspace(opening: slot)
    claim = ShareCode(
      purpose: .claim, url: url, slot: "team", logKey: signer.verifierKey.text, secret: secret,
      workspace: nil)
  }

  /// Stops, lets `body` do something to the files, and starts again.
  func restart(after body: () throws -> Void = {}) throws {
    try hosted.close()
    try body()
    hosted = try HostedWorkspace(opening: hosted.folder)
    clock = Self.clock(of: folder.path, wall)
    try hosted.signEnd()
  }

  /// What the server's clock says, right or wrong.
  var now: Int64 { clock.now() }

  /// The log's newest signed checkpoint.
  func checkpoint() throws -> [UInt8] { try hosted.processCheckpoint() ?? [] }

  private static func clock(of folder: String, _ wall: SimulatedClock) -> ServerClock {
    ServerClock(folder: folder) {
      let reading = wall.reading()
      return ClockReading(wall: reading.wall, sinceBoot: reading.sinceBoot, boot: reading.boot)
    }
  }

  /// The whole body of the answer to a request; throws ``ServerProblem``.
  ///
  /// - Parameter now: what leaves are dated, milliseconds since 1970; nil for the server's own clock,
  ///   unless that is in doubt.
  func answer(_ body: [UInt8], by replica: ReplicaID, now: Int64? = nil) throws -> [UInt8] {
    do {
      var reader = ExchangeRequestReader()
      try reader.append(body)
      let request = try reader.finish()
      let time = try now ?? (request.batches.isEmpty ? clock.now() : clock.leafTime())
      let answer = try process(request, by: replica, now: time)
      var stream = ExchangeAnswerStream(answer)
      var bytes: [UInt8] = []
      while let piece = try stream.next(from: hosted.log) { bytes += piece }
      return bytes
    } catch {
      throw ServerProblem(error)
    }
  }

  /// Does what a request asks for, its batches in a turn each where something happens in between.
  private func process(_ request: ExchangeRequest, by replica: ReplicaID, now: Int64) throws
    -> ExchangeAnswer
  {
    guard let happen = betweenTurns, !request.batches.isEmpty else {
      return try hosted.processExchange(request, by: replica, now: now)
    }
    betweenTurns = nil
    var run = ExchangeAppending(request, try hosted.open(request.batches), by: replica, now: now)
    while true {
      run = try hosted.append(run) { true }
      guard !run.isDone else { return try run.answer() }
      try happen()
    }
  }

  /// The answer to a healing request; throws ``ServerProblem``.
  func heal(_ body: [UInt8]) throws -> [UInt8] {
    do {
      var reader = HealingRequestReader(logKey: hosted.logKey)
      try reader.append(body)
      return try hosted.processHealing(reader.finish()).answer.serializedBytes()
    } catch {
      throw ServerProblem(error)
    }
  }
}
