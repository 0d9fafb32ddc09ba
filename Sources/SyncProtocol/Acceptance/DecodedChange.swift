package import MergeCore
import SwiftProtobuf

/// A received change in the merge's terms, its context resolved.
package struct DecodedChange: Sendable {
  package var received: ReceivedChange
  package var identity: ChangeIdentity
  /// The context that the operations are merged in: for a reissue that of its origin.
  package var context: SignedContext
  /// The context that the next change of the chain inherits.
  package var chainContext: SignedContext
  package var time: Int64
  package var operations: [Operation]
  package var act: WireAct?
  /// The dot under which the change was first made, when this is a reissue.
  package var reissueOf: Dot?
  /// The change that this one takes back.
  package var undoes: ChangeIdentity?

  /// The records that the operations are on, ascending, each once.
  package var records: [RecordID] { Set(operations.map(\.record)).sorted() }

  /// The change as it merges at `position`.
  ///
  /// - Parameter lineage: what the author's replica continues (``MembershipState/lineage(of:)``).
  package func change(at position: LogPosition, lineage: VersionVector) -> Change {
    var own = lineage
    own.include(Dot(received.dot.replica, Counter(received.dot.counter.rawValue - 1)))
    return Change(
      identity: identity, carrier: Carrier(received.dot, position),
      context: CausalContext(treeSize: context.treeSize, own: own), time: time,
      operations: operations, undoes: undoes)
  }
}

extension DecodedChange {
  /// Reads a change's skeleton against the schema; the log is not consulted.
  ///
  /// - Parameter inherited: the chain context of the preceding change.
  package init(_ received: ReceivedChange, after inherited: SignedContext, schema: Schema)
    throws(Refusal)
  {
    let counter = received.dot.counter
    let outer = received.skeleton
    guard !outer.hasUnknownParts else {
      throw Refusal(.unknownOperation, counter, "the change is of a newer version: upgrade")
    }
    let chainContext = try Self.context(outer, counter, inherited)
    var skeleton = outer
    var identity = ChangeIdentity(origin: received.dot, chainHash: received.chain)
    var context = chainContext
    var reissueOf: Dot?
    if outer.hasReissue {
      let origin = try Self.origin(of: received)
      (skeleton, identity, context) = (origin.skeleton, origin.identity, origin.context)
      reissueOf = origin.identity.origin
    }
    try Self.checkAct(skeleton, isReissue: reissueOf != nil, received)
    self.received = received
    self.identity = identity
    self.context = context
    self.chainContext = chainContext
    time = skeleton.time
    let decoded = try OperationDecoder(
      counter: counter, schema: schema, undoes: skeleton.hasUndoes
    )
    .operations(of: skeleton, contents: received.contents)
    operations = try outer.hasReissue ? decoded.translated(outer.reissue, counter) : decoded
    act = skeleton.hasAct ? skeleton.act : nil
    undoes = try Self.undone(by: skeleton, counter)
    self.reissueOf = reissueOf
  }

  private static func undone(by skeleton: WireSkeleton, _ counter: Counter) throws(Refusal)
    -> ChangeIdentity?
  {
    guard skeleton.hasUndoes else { return nil }
    guard let undone = ChangeIdentity(skeleton.undoes), !skeleton.hasAct else {
      throw Refusal(.malformed, counter, "the change that it undoes is not well named")
    }
    return undone
  }

  private static func context(
    _ skeleton: WireSkeleton, _ counter: Counter, _ inherited: SignedContext
  ) throws(Refusal) -> SignedContext {
    guard skeleton.hasContext else { return inherited }
    guard let context = SignedContext(skeleton.context) else {
      throw Refusal(.malformed, counter, "the context is not well formed")
    }
    guard context.treeSize >= inherited.treeSize else {
      throw Refusal(.badContext, counter, "the context is smaller than the change's before it")
    }
    return context
  }

  private static func checkAct(
    _ skeleton: WireSkeleton, isReissue: Bool, _ received: ReceivedChange
  ) throws(Refusal) {
    let counter = received.dot.counter
    guard skeleton.hasAct == skeleton.operations.isEmpty,
      !skeleton.hasAct || (received.contents.isEmpty && !isReissue)
    else {
      throw Refusal(.malformed, counter, "a change has either operations or one membership act")
    }
  }

  private static func origin(of received: ReceivedChange) throws(Refusal) -> (
    skeleton: WireSkeleton, identity: ChangeIdentity, context: SignedContext
  ) {
    let counter = received.dot.counter
    let reissue = received.skeleton.reissue
    let isBare =
      received.skeleton.operations.isEmpty && !received.skeleton.hasAct
      && received.skeleton.time == 0 && !received.skeleton.hasUndoes
    guard isBare, let replica = ReplicaID(reissue.originReplica),
      let originCounter = Counter(received: reissue.originCounter),
      let preceding = Digest256(reissue.precedingHash),
      let context = SignedContext(reissue.context),
      let skeleton = try? WireSkeleton(serializedBytes: reissue.skeleton), !skeleton.hasReissue,
      !skeleton.hasContext || SignedContext(skeleton.context) == context
    else { throw Refusal(.malformed, counter, "the reissue is not well formed") }
    guard !skeleton.hasUnknownParts else {
      throw Refusal(.unknownOperation, counter, "the origin is of a newer version: upgrade")
    }
    let chain = chainHash(
      after: preceding, skeleton: reissue.skeleton.array,
      commitments: received.contents.map(\.commitment))
    let origin = Dot(replica, originCounter)
    return (skeleton, ChangeIdentity(origin: origin, chainHash: chain), context)
  }
}

extension [Operation] {
  /// The operations with their explicit clocks as the reissue gives them: dots that could not be
  /// logged are renamed there, because others hold them now.
  fileprivate func translated(_ reissue: WireReissue, _ counter: Counter) throws(Refusal)
    -> [Operation]
  {
    var clocks = reissue.against[...]
    var operations = self
    for index in operations.indices where operations[index].against != nil {
      guard let wire = clocks.popFirst(), let clock = VectorClock(wire) else {
        throw Refusal(.malformed, counter, "a reissue gives every explicit clock of its origin")
      }
      operations[index].against = clock
    }
    guard clocks.isEmpty else {
      throw Refusal(.malformed, counter, "a reissue gives no clock that its origin lacks")
    }
    return operations
  }
}
