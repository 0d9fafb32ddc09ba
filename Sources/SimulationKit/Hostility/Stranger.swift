import Crypto
import Foundation
import MergeCore
import SwiftProtobuf
import SyncProtocol

/// Somebody whom no log knows: a key of their own making, and what can be signed with it.
package struct Stranger: Sendable {
  private let key = Curve25519.Signing.PrivateKey()

  package init() {}

  private var publicKey: [UInt8] { [UInt8](key.publicKey.rawRepresentation) }

  /// A token for a workspace's name.
  package func token(for audience: String) throws -> String {
    try RequestToken.sign(
      with: key, audience: audience, now: Int64(Date().timeIntervalSince1970))
  }

  /// The body of a sync from nothing that brings batches.
  package func body(_ batches: [[UInt8]]) -> [UInt8] { request(.sync, batches) }

  /// The body of a pull that says it holds so many leaves with such a root (32 bytes).
  package func guess(size: UInt64, root: [UInt8]) -> [UInt8] {
    request(.pull, context: SignedContext(treeSize: size, root: Digest256(root)))
  }

  /// The body of a request that says it knows a slot's claim.
  package func guess(claim: [UInt8]) -> [UInt8] { request(.sync, claim: claim) }

  private func request(
    _ mode: ExchangeMode, _ batches: [[UInt8]] = [], context: SignedContext = .empty,
    claim: [UInt8] = []
  ) -> [UInt8] {
    ExchangeSession(
      mode: mode, workspace: Array(repeating: 0, count: 32), context: context, checkpoint: [],
      claim: claim, batches: batches
    ).request
  }

  /// A signed batch of so many empty contents and operations in one change, of next to no bytes each:
  /// what costs most to decode for what it weighs.
  package func hollowBatch(contents: Int, operations: Int = 0, seeds: Int = 1) throws -> [UInt8] {
    var skeleton = WireSkeleton()
    skeleton.operations = Array(repeating: WireOperation(), count: operations)
    var change = WireChange()
    change.skeleton = try skeleton.serializedBytes()
    change.contents = Array(
      repeating: {
        var content = WireContent()
        content.value = Data()
        return content
      }(), count: contents)
    var header = WireBatchHeader()
    header.workspace = Data(repeating: 1, count: 32)
    header.epoch = 1
    header.rules = 1
    header.replica = Data(ReplicaID(publicKey: publicKey).bytes)
    header.first = 1
    header.last = 1
    header.previous = Data(repeating: 0, count: 32)
    header.chain = Data(repeating: 0, count: 32)
    header.context.epoch = 1
    var batch = WireBatch()
    batch.header = try header.serializedBytes()
    batch.signature = try key.signature(
      for: Array("hashiya/v1/batch-signature\0".utf8) + batch.header)
    batch.changes = [change]
    batch.seeds = (0..<seeds).map { block in
      var seed = WireSeed()
      seed.block = UInt64(block)
      seed.seed = Data(repeating: 7, count: 32)
      return seed
    }
    return try batch.serializedBytes()
  }
}
