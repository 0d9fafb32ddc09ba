import FoundationEssentials
import MergeCore
import SwiftProtobuf

/// What an encoded batch brings, counted on the wire before anything of it is decoded or hashed.
///
/// Linear in the bytes, and copies no more than the header: what a batch can cost is bounded by what it
/// weighs, and its signature can be checked before anything else is done for whoever sent it.
package struct BatchOutline: Sendable {
  package let header: BatchHeader
  /// 64 bytes.
  package let signature: [UInt8]
  /// Contents and operations of all changes together.
  package let contentCount: Int
  package let operationCount: Int
  /// The key that an act in the first change brings, whatever it is worth.
  private let firstKey: [UInt8]?

  /// More than any act that brings a key can have.
  private static let enrolmentBytesMax = 4 << 10

  /// Throws ``Refusal`` for what is over a limit or cannot be a batch.
  package init(of bytes: [UInt8]) throws(Refusal) {
    guard bytes.count <= Limits.encodedBatchBytesMax else {
      throw Refusal(.overLimit, nil, "a batch has at most \(Limits.encodedBatchBytesMax) bytes")
    }
    var parts = BatchParts()
    let isReadable = bytes.withUnsafeBufferPointer { buffer in
      (try? parts.read(buffer)) != nil
    }
    guard isReadable, let header = BatchHeader(encoded: Array(bytes[parts.header])),
      parts.signature.count == 64
    else { throw Refusal(.malformed, nil, "the batch or its header does not decode") }
    self.header = header
    signature = Array(bytes[parts.signature])
    try parts.check(header)

    var count = BatchCount(first: header.first)
    for change in parts.changes {
      try bytes.withUnsafeBufferPointer { buffer throws(Refusal) in
        try count.add(change, of: buffer)
      }
    }
    contentCount = count.contents
    operationCount = count.operations
    let limit = parts.changes.count == 1 ? Limits.changeBytesMax : Limits.batchBytesMax
    guard count.bytes <= limit else {
      throw Refusal(
        .overLimit, nil, "\(parts.changes.count) changes have at most \(limit) bytes")
    }
    firstKey = count.firstSkeleton.flatMap { skeleton in
      guard header.first == 1, skeleton.count <= Self.enrolmentBytesMax else { return nil }
      return try? WireSkeleton(serializedBytes: Array(bytes[skeleton])).act.broughtKey
    }
  }

  /// Whether the batch is signed by `publicKey` (32 bytes).
  package func isSigned(by publicKey: [UInt8]) -> Bool {
    SyncProtocol.isSigned(
      batchSignedBytes(header: header.bytes), Data(signature), by: publicKey)
  }

  /// The key that the batch brings for its own replica; nil where it brings none, or another's.
  package var broughtKey: [UInt8]? {
    guard header.first == 1, let firstKey, ReplicaID(publicKey: firstKey) == header.replica else {
      return nil
    }
    return firstKey
  }
}

extension WireAct {
  /// The key of the replica that the act makes known; nil for other acts.
  var broughtKey: [UInt8]? {
    switch act {
    case .genesis(let genesis): genesis.key.array
    case .enrolment(let enrolment): enrolment.key.array
    default: nil
    }
  }
}

// MARK: - The envelope

/// Where the parts of a batch lie.
///
/// Of what stands twice the last counts, as proto3 has it.
private struct BatchParts {
  var header = 0..<0
  var signature = 0..<0
  var checkpoint = 0..<0
  var changes: [Range<Int>] = []
  var seeds = 0
  private(set) var hasTooManyChanges = false

  mutating func read(_ buffer: UnsafeBufferPointer<UInt8>) throws(WireFields.Malformed) {
    var fields = WireFields(buffer, in: 0..<buffer.count)
    while let field = try fields.next() {
      guard let bytes = field.bytes else { continue }
      switch field.number {
      case 1: header = bytes
      case 2: signature = bytes
      case 3:
        guard changes.count < Limits.batchChangesMax else {
          hasTooManyChanges = true
          continue
        }
        changes.append(bytes)
      case 4: seeds += 1
      case 5: checkpoint = bytes
      default: break
      }
    }
  }

  func check(_ header: BatchHeader) throws(Refusal) {
    guard checkpoint.count <= Limits.checkpointBytesMax else {
      throw Refusal(.overLimit, nil, "a checkpoint has at most \(Limits.checkpointBytesMax) bytes")
    }
    guard header.changeCount <= UInt64(Limits.batchChangesMax) else {
      throw Refusal(.overLimit, nil, "a batch has at most \(Limits.batchChangesMax) changes")
    }
    guard !hasTooManyChanges, UInt64(changes.count) == header.changeCount else {
      throw Refusal(.malformed, nil, "the header names another number of changes")
    }
    guard seeds <= Limits.batchSeedsMax else {
      throw Refusal(.malformed, nil, "the batch brings more seeds than it has blocks")
    }
  }
}

// MARK: - The changes

/// What the changes of a batch have, counted one after another.
private struct BatchCount {
  private(set) var contents = 0
  private(set) var operations = 0
  /// Of skeletons and contents: what counts against the limits.
  private(set) var bytes = 0
  private(set) var firstSkeleton: Range<Int>?
  private var counter: Counter

  init(first: Counter) { counter = first }

  mutating func add(_ change: Range<Int>, of buffer: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    do {
      var skeleton = change.lowerBound..<change.lowerBound
      var contents = 0
      var contentBytes = 0
      var fields = WireFields(buffer, in: change)
      while let field = try fields.next() {
        guard let part = field.bytes else { continue }
        if field.number == 1 { skeleton = part }
        if field.number == 2 {
          contents += 1
          contentBytes += try Self.valueBytes(of: part, buffer)
        }
      }
      let operations = try Self.operations(of: skeleton, buffer)
      guard operations <= Limits.changeOperationsMax else {
        throw Refusal(
          .overLimit, counter, "a change has at most \(Limits.changeOperationsMax) operations")
      }
      // An operation uses a value and, if it resolves, a reason.
      guard contents <= 2 * operations else {
        throw Refusal(.malformed, counter, "there are more contents than operations use")
      }
      if firstSkeleton == nil { firstSkeleton = skeleton }
      self.contents += contents
      self.operations += operations
      bytes += skeleton.count + contentBytes
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal(.malformed, counter, "the change does not decode")
    }
    counter = counter.next
  }

  /// What a content counts: its value's bytes, or those of the commitment that stands for it.
  private static func valueBytes(of content: Range<Int>, _ buffer: UnsafeBufferPointer<UInt8>)
    throws(WireFields.Malformed) -> Int
  {
    var count = 32
    var fields = WireFields(buffer, in: content)
    while let field = try fields.next() {
      if field.number == 1, let value = field.bytes { count = value.count }
    }
    return count
  }

  /// The operations of a skeleton, and of the one that it reissues.
  private static func operations(
    of skeleton: Range<Int>, _ buffer: UnsafeBufferPointer<UInt8>, isOrigin: Bool = false
  ) throws -> Int {
    var count = 0
    var fields = WireFields(buffer, in: skeleton)
    while let field = try fields.next() {
      guard let part = field.bytes else { continue }
      switch field.number {
      case 3:
        guard part.count >= leastOperationBytes else { throw WireFields.Malformed() }
        count += 1
        try checkOperation(part, buffer)
      case 5 where !isOrigin: count += try reissuedOperations(of: part, buffer)
      default: break
      }
    }
    return count
  }

  private static func reissuedOperations(
    of reissue: Range<Int>, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws -> Int {
    var count = 0
    var clocks = 0
    var fields = WireFields(buffer, in: reissue)
    while let field = try fields.next() {
      guard let part = field.bytes else { continue }
      if field.number == 4 { count = try operations(of: part, buffer, isOrigin: true) }
      if field.number == 6 {
        clocks += 1
        try checkClock(part, buffer)
      }
    }
    guard clocks <= Limits.changeOperationsMax else { throw WireFields.Malformed() }
    return count
  }

  private static func checkOperation(
    _ operation: Range<Int>, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws(WireFields.Malformed) {
    var fields = WireFields(buffer, in: operation)
    while let field = try fields.next() {
      guard let part = field.bytes else { continue }
      if field.number == 5 { try checkClock(part, buffer) }
      if field.number == 7, part.count < leastNameBytes { throw WireFields.Malformed() }
    }
  }

  private static func checkClock(_ clock: Range<Int>, _ buffer: UnsafeBufferPointer<UInt8>)
    throws(WireFields.Malformed)
  {
    var fields = WireFields(buffer, in: clock)
    while let field = try fields.next() {
      if field.number == 1, let entry = field.bytes, entry.count < leastEntryBytes {
        throw WireFields.Malformed()
      }
    }
  }

  // The least that these parts can have: whatever is shorter could only be there to cost something.

  /// A kind, an id of 16 bytes and a type.
  private static let leastOperationBytes = 2 + 18 + 2
  /// A replica and a counter.
  private static let leastEntryBytes = 18 + 2
  /// A replica, a counter and a chain hash.
  private static let leastNameBytes = 18 + 2 + 34
}
