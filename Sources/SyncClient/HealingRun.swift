import FoundationEssentials
import MergeCore
import SwiftProtobuf
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Why a server takes nothing in, as it told.
package struct RestoredServer: Hashable, Sendable {
  /// A word for programs (`Protocol/README.md`, "Healing").
  package var reason: String
  /// The server's words.
  package var detail: String
  /// The leaves that its log has, and those that it signed as far as it knows; 0 where it did not say.
  package var treeSize: UInt64
  package var signedSize: UInt64

  package init(reason: String, detail: String, treeSize: UInt64 = 0, signedSize: UInt64 = 0) {
    self.reason = reason
    self.detail = detail
    self.treeSize = treeSize
    self.signedSize = signedSize
  }
}

/// Gives a server the leaves back that it lost, as far as this store holds them; without its transport.
///
/// ``next()`` is the body of a request, and its answer goes to ``receive(_:)``, until there is none.
struct HealingRun {
  /// Bytes of a request at first, unless a single leaf has more; most proxies let so much pass.
  static let requestBytesMax = 768 << 10

  private let workspace: Workspace
  private var holdings: [LeafHolding]
  /// Where the log stands, as the server said last.
  private var treeSize: UInt64
  private var signedSize: UInt64
  private var missing: [Range<UInt64>] = []
  /// Whether the present holding's note has been shown; its leaves before `position` were sent.
  private var isShown = false
  private var position: UInt64 = 0
  /// Where the last request began, how many leaves it had, and whether they had been sent before.
  private var last: (position: UInt64, leafCount: Int, isAgain: Bool) = (0, 0, false)
  /// Whether leaves that were sent were sent again: what others brought in their place was worth nothing.
  private var isSentAgain = false
  /// Whether the server has everything, and has taken in a part of it: it is asked on.
  private var isTakingIn = false
  /// How often it was asked on without leaves.
  private var takingInCount = 0

  init(_ workspace: Workspace, for server: RestoredServer) throws {
    self.workspace = workspace
    holdings = try workspace.read { try $0.leafHoldings() }
    treeSize = server.treeSize
    signedSize = server.signedSize
  }

  /// Whether the log takes changes in again.
  private(set) var isHealed = false

  /// Whether the last request could be made smaller.
  var isDivisible: Bool { last.leafCount > 1 }

  /// How many leaves the last request brought that none before it did.
  var newLeafCount: Int { last.isAgain ? 0 : last.leafCount }

  /// Takes the last request back, which did not pass: the next one begins where it did.
  mutating func takeBack() { position = last.position }

  /// The next request's body; nil when the log is healed, or this store has nothing more to bring.
  ///
  /// - Parameter bytesMax: of its leaves, of which there is one at least.
  mutating func next(bytesMax: Int = requestBytesMax) throws -> [UInt8]? {
    while !isHealed, let holding = holdings.first {
      if isTakingIn {
        isTakingIn = false
        takingInCount += 1
        last = (position, 0, false)
        return try body(holding, [])
      }
      var start = position
      var leaves = isShown ? try leaves(of: holding, bytesMax: bytesMax) : []
      if isShown, leaves.isEmpty, position > 0, !isSentAgain {
        (isSentAgain, position, start) = (true, 0, 0)
        leaves = try self.leaves(of: holding, bytesMax: bytesMax)
      }
      last = (start, leaves.count, isSentAgain)
      if !isShown || !leaves.isEmpty { return try body(holding, leaves) }
      holdings.removeFirst()
      (isShown, position, missing, isSentAgain) = (false, 0, [], false)
    }
    return nil
  }

  /// Takes in the answer to the last request.
  mutating func receive(_ bytes: [UInt8]) throws {
    guard let answer = try? WireHealingAnswer(serializedBytes: bytes) else {
      throw SyncFailure.proof("the answer to what was brought back does not decode")
    }
    isShown = true
    let before = treeSize
    (treeSize, signedSize) = (answer.treeSize, answer.signedSize)
    missing = answer.missing.filter { $0.from < $0.to }.map { $0.from..<$0.to }
    isHealed = treeSize >= signedSize && answer.reason.isEmpty
    // All three are the server's word: one that lies could ask for ever.
    isTakingIn =
      !isHealed && missing.isEmpty && treeSize > before
      && takingInCount < ClientLimits.takingsInMax
  }

  /// What the server lacks and the holding has, from where the last request ended.
  private mutating func leaves(of holding: LeafHolding, bytesMax: Int) throws -> [HeldLeaf] {
    var leaves: [HeldLeaf] = []
    var byteCount = 0
    let start = position
    let ranges = missing.map { $0.clamped(to: start..<UInt64.max) }
    try workspace.read { reader in
      for range in ranges {
        var next = range.lowerBound
        while let leaf = try reader.heldLeaf(in: next..<max(next, range.upperBound), of: holding) {
          byteCount += leaf.leafBytes.count + leaf.batchBytes.count + 33 * leaf.proof.hashes.count
          guard leaves.isEmpty || byteCount <= bytesMax else { return }
          leaves.append(leaf)
          next = leaf.index + 1
        }
      }
    }
    if let last = leaves.last { position = last.index + 1 }
    return leaves
  }

  private func body(_ holding: LeafHolding, _ leaves: [HeldLeaf]) throws -> [UInt8] {
    var frames: [WireHealingFrame.OneOf_Frame] = [.checkpoint(Data(holding.note))]
    frames += try workspace.read { reader in
      try Set([treeSize, signedSize]).sorted().compactMap { size in
        try reader.heldPrefix(ofSize: size, of: holding).map { held in
          var prefix = WireHeldPrefix()
          prefix.size = size
          prefix.root = Data(held.root.bytes)
          prefix.proof = held.proof.hashes.map { Data($0.bytes) }
          return .prefix(prefix)
        }
      }
    }
    frames += leaves.map { .leaf($0.wire) }
    return try frames.flatMap { kind in
      var frame = WireHealingFrame()
      frame.frame = kind
      return framed(try frame.serializedBytes())
    }
  }
}
