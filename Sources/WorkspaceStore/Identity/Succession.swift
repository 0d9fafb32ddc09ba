import Crypto
import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

// Doubtful identity (DESIGN.md §3; rulings 12 to 15): when this store may not be the only one with
// its key, it freezes the replica and goes on under a successor that the old key certifies.

extension Database {
  /// Continues `predecessor` under a new replica after its change at `counter`, whose chain hash is
  /// `chain`; the enrolment is the successor's first, pending change.
  ///
  /// The machine learns the successor's nonce before the transaction is durable (ruling 15), wherever
  /// it is minted: a process that found no file would doubt it, and mint another one.
  @discardableResult
  func mintSuccessor(
    of predecessor: OwnReplica, after end: (counter: Counter, chain: Digest256),
    machine: Machine
  ) throws -> OwnReplica {
    let log = try LogReader(self)
    guard let workspace = try PendingChanges(self).workspace(log) else {
      throw StoreFailure.corrupt("the store does not know its workspace")
    }
    let succession = Succession(
      predecessor: predecessor.id, counter: end.counter, chain: end.chain)
    let successor = try OwnReplica(machine: machine, succession: succession)
    try successor.insert(self)
    try StateFile(directory: machine.stateDirectory, replica: successor.id)
      .write(current: successor.nonce, next: successor.nonce)
    var enrolment = try WireEnrolment(
      replicaKey: successor.signingKey.publicKey, succession: succession,
      predecessorKey: predecessor.signingKey, workspace: workspace)
    // A copy on another machine is told apart from the original, unless its owner named the device.
    enrolment.device = try setting(.device) ?? machine.deviceName
    var act = WireAct()
    act.enrolment = enrolment
    let context = try log.currentContext()
    let draft = DraftChange(
      context: context == .empty ? nil : context, time: machine.now(), act: act)
    _ = try NewPendingChange(
      dot: Dot(successor.id, 1), previous: .zero, skeleton: draft.skeleton, contents: [],
      isAct: true, isReissue: false, context: context
    ).insert(self)
    return successor
  }

  /// Tells the analyst what the store did on its own.
  func tell(_ text: String, machine: Machine) throws {
    try insertSealed(
      into: "news", [try nextNumber(of: "id", in: "news"), machine.now(), text])
  }
}
