package import FoundationEssentials
package import MergeCore

// Between the wire's messages and the values of MergeCore.

extension Data {
  /// The bytes, copied.
  package var array: [UInt8] { [UInt8](self) }
}

/// A prefix of the log that somebody had received, as sent.
package struct SignedContext: Hashable, Sendable {
  package var treeSize: UInt64
  /// The RFC 6962 root over that many leaves; nil exactly when there are none.
  package var root: Digest256?
  package var epoch: UInt32

  package static let empty = SignedContext(treeSize: 0, root: nil, epoch: 1)

  package init(treeSize: UInt64, root: Digest256?, epoch: UInt32 = 1) {
    self.treeSize = treeSize
    self.root = root
    self.epoch = epoch
  }

  package init?(_ wire: WireContext) {
    treeSize = wire.treeSize
    root = wire.root.isEmpty ? nil : Digest256(wire.root)
    epoch = wire.epoch
    guard (treeSize == 0) == wire.root.isEmpty, (treeSize == 0) == (root == nil),
      treeSize <= Limits.counterMax
    else { return nil }
  }

  package var wire: WireContext {
    var wire = WireContext()
    wire.treeSize = treeSize
    wire.root = Data(root?.bytes ?? [])
    wire.epoch = epoch
    return wire
  }
}

extension Succession {
  /// Nil when the predecessor, its chain hash or its counter is not one.
  package init?(_ wire: WireSuccessionCertificate) {
    guard let predecessor = ReplicaID(wire.predecessor), let chain = Digest256(wire.chain),
      let counter = Counter(received: wire.counter)
    else { return nil }
    self.init(predecessor: predecessor, counter: counter, chain: chain)
  }
}

extension ChangeIdentity {
  /// Nil when a part has a wrong length, or the counter is none.
  init?(_ wire: WireChangeName) {
    guard let replica = ReplicaID(wire.replica), let counter = Counter(received: wire.counter),
      let chain = Digest256(wire.chain)
    else { return nil }
    self.init(origin: Dot(replica, counter), chainHash: chain)
  }

  var wire: WireChangeName {
    var wire = WireChangeName()
    wire.replica = Data(origin.replica.bytes)
    wire.counter = origin.counter.rawValue
    wire.chain = Data(chainHash.bytes)
    return wire
  }
}

extension VectorClock {
  /// Nil when entries are not ascending, doubled, zero or too many.
  init?(_ wire: WireClock) {
    guard wire.entries.count <= Limits.clockEntriesMax else { return nil }
    var dots: [Dot] = []
    for entry in wire.entries {
      guard let replica = ReplicaID(entry.replica), let counter = Counter(received: entry.counter)
      else { return nil }
      if let last = dots.last, last.replica >= replica { return nil }
      dots.append(Dot(replica, counter))
    }
    self.init(dots)
  }

  package var wire: WireClock {
    var wire = WireClock()
    wire.entries = entries.map { dot in
      var entry = WireClockEntry()
      entry.replica = Data(dot.replica.bytes)
      entry.counter = dot.counter.rawValue
      return entry
    }
    return wire
  }
}
