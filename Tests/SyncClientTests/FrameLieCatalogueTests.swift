import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncClient

/// Each field of each frame of an answer, altered in turn.
@Suite("The catalogue of lies in answers")
struct FrameLieCatalogueTests {
  /// What a store holds that no answer may spoil.
  private struct Holding: Equatable {
    var treeSize: UInt64
    var digest: Digest256
    var refused: Int
  }

  private func holding(_ desk: LogDesk) throws -> Holding {
    try desk.store.read { reader in
      Holding(
        treeSize: reader.log.treeSize, digest: try reader.stateDigest(),
        refused: try reader.quarantinedCount())
    }
  }

  /// A desk whose store has one change that the log has not, and lacks one that the log has.
  private func desk() throws -> LogDesk {
    let desk = try LogDesk()
    try desk.edit()
    try desk.exchange.push(desk.store)
    try desk.edit()
    return desk
  }

  private func answer(_ mode: ExchangeMode, _ desk: LogDesk, _ round: ExchangeRound) throws
    -> [UInt8]
  {
    let from = round.outgoing.context.treeSize
    try desk.exchange.push(desk.store)
    let size = desk.log.treeSize
    let outcomes = try desk.welcome() + desk.outcomes(round, in: desk.log, size: size)
    if mode == .push {
      return try outcomes + desk.consistency(from: from, to: size, in: desk.log)
        + desk.checkpoint(desk.log.checkpoint) + desk.end()
    }
    return try outcomes + desk.entries(from..<size) + desk.checkpoint(desk.log.checkpoint)
      + desk.end()
  }

  @Test(
    "no altered field of an answer changes what a store holds, unless it is what the log has",
    arguments: [ExchangeMode.sync, .push])
  func fields(_ mode: ExchangeMode) throws {
    let honest = try desk()
    var bytes: [UInt8] = []
    _ = try honest.play(mode) { round in
      bytes = try answer(mode, honest, round)
      return bytes
    }
    let after = try holding(honest)
    let acknowledged = try honest.acknowledgedCount()
    let lies = try FrameLie.all(in: bytes)
    #expect(lies.count > 30)
    for lie in lies {
      let desk = try desk()
      let before = try holding(desk)
      let failure = desk.failure(mode) { round in
        _ = try answer(mode, desk, round)
        return lie.bytes
      }
      let held = try holding(desk)
      #expect(held == before || held == after, "\(lie): \(String(describing: failure))")
      let count = try desk.acknowledgedCount()
      #expect(count == 0 || count == acknowledged, "\(lie): \(String(describing: failure))")
      #expect(try desk.store.examine().allSatisfy(\.isGood), "\(lie)")
      #expect(failure != nil || held == after, "\(lie) is believed")
    }
  }
}

/// An answer of which one field is another.
private struct FrameLie: CustomStringConvertible {
  var description: String
  var bytes: [UInt8]

  /// One lie for each value in the frames' JSON form, so that a new field is among them.
  static func all(in bytes: [UInt8]) throws -> [FrameLie] {
    var reader = FrameReader()
    reader.append(bytes)
    var frames: [[UInt8]] = []
    while let frame = try reader.next() { frames.append(frame) }
    var lies: [FrameLie] = []
    for (number, frame) in frames.enumerated() {
      let json = try WireResponseFrame(serializedBytes: frame).jsonUTF8Data()
      let object = try JSONSerialization.jsonObject(with: json)
      for (path, altered) in alterations(of: object) {
        let data = try JSONSerialization.data(withJSONObject: altered)
        // What is no message is refused before anything is looked at.
        guard let message = try? WireResponseFrame(jsonUTF8Data: data) else { continue }
        var changed = frames
        changed[number] = try message.serializedBytes()
        lies.append(
          FrameLie(
            description: "frame \(number)\(path)", bytes: changed.flatMap { framed($0) }))
      }
      var without = frames
      without.remove(at: number)
      lies.append(
        FrameLie(description: "without frame \(number)", bytes: without.flatMap { framed($0) }))
    }
    return lies
  }

  private static func alterations(of value: Any) -> [(path: String, value: Any)] {
    switch value {
    case let object as [String: Any]:
      return object.keys.sorted().flatMap { key in
        alterations(of: object[key] as Any).map { path, altered in
          (".\(key)\(path)", object.merging([key: altered]) { $1 })
        }
      }
    case let list as [Any]:
      return list.indices.flatMap { index in
        alterations(of: list[index]).map { path, altered in
          var other = list
          other[index] = altered
          return ("[\(index)]\(path)", other)
        }
      }
    case let text as String:
      if let number = UInt64(text) { return [(" + 1", String(number + 1))] }
      guard var data = Data(base64Encoded: text), !data.isEmpty else { return [] }
      data[data.count / 2] ^= 1
      return [(" altered", data.base64EncodedString()), (" emptied", "")]
    case let flag as Bool: return [(" turned", !flag)]
    case let number as Int: return [(" + 1", number + 1)]
    default: return []
    }
  }
}
