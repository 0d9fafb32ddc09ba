import AnnotationModel
import MergeCore
import SyncProtocol
import Testing

/// `merges.json`: changes in log order, and after each what the merge decided and the state digest.
struct MergeVectorTests {
  struct VectorOperation: Codable {
    /// Kind and id, hexadecimal.
    var record: String
    /// `create`, `write`, `add`, `remove`, `delete`, `restore` or `touch`.
    var type: String
    var field: UInt16?
    /// UTF-8; its commitment is under a salt of 32 zero bytes.
    var value: String?
    var against: [String]?
    var resolution: Bool?
    /// The changes whose values come back; then there is no value.
    var cites: [Name]?
    /// Of an `add` that cites: which operation of the undone change on the record it takes back.
    var undonePlace: Int?

    enum CodingKeys: String, CodingKey {
      case record, type, field, value, against, resolution, cites
      case undonePlace = "undone_place"
    }
  }

  /// A change by its origin's dot, and its chain hash there.
  struct Name: Codable {
    var dot: String
    var chain: String
  }

  struct VectorChange: Codable {
    /// The carrier, `REPLICA:COUNTER`.
    var dot: String
    /// The first carrier's dot, when this one brings a change again.
    var origin: String?
    /// The chain hash at the origin.
    var chain: String
    var leaf: UInt64
    var treeSize: UInt64
    /// The author's own part of the context, without the preceding counter, which is implied.
    var lineage: [String]
    var time: Int64
    /// The change that this one takes back.
    var undoes: Name?
    var operations: [VectorOperation]
    var after: After?

    enum CodingKeys: String, CodingKey {
      case dot, origin, chain, leaf, lineage, time, undoes, operations, after
      case treeSize = "tree_size"
    }
  }

  struct After: Codable {
    /// The report of this change alone, plain decisions left out.
    var report: String
    var stateDigest: String
    var conflicts: [Conflict]

    enum CodingKeys: String, CodingKey {
      case report, conflicts
      case stateDigest = "state_digest"
    }
  }

  /// One field or lifecycle in conflict.
  struct Conflict: Codable, Equatable {
    var record: String
    /// The field's number; 0 for the lifecycle.
    var field: UInt16
    var siblings: [String]
    /// Whose values they are, where some were brought back: the origins' dots.
    var sources: [String]?
    /// The dot shown, and why; nil for the lifecycle.
    var shown: String?
    var reason: String?
  }

  struct Trace: Codable {
    var name: String
    var changes: [VectorChange]
    /// The encoded elements whose hashes make up the final state digest, ascending.
    var elements: [String]?
  }

  @Test("traces merge to the decisions and digests of the vectors")
  func traces() throws {
    let made = try MergeTraces.all.map(run)
    for trace in try VectorFile<[Trace]>(name: "merges.json").read(made: made) {
      let again = try run(trace)
      for (one, other) in zip(again.changes, trace.changes) {
        #expect(one.after?.report == other.after?.report, "\(trace.name) at \(one.dot)")
        #expect(one.after?.stateDigest == other.after?.stateDigest, "\(trace.name) at \(one.dot)")
        #expect(one.after?.conflicts == other.after?.conflicts, "\(trace.name) at \(one.dot)")
      }
      #expect(again.elements == trace.elements, "\(trace.name)")
      let sum = try (trace.elements ?? []).reduce(Digest256.zero) { sum, element in
        sum &+ DomainHash.digest("hashiya/v1/element", try bytes(element))
      }
      #expect(sum.hex == trace.changes.last?.after?.stateDigest, "\(trace.name)")
    }
  }

  /// The trace with what came of each change.
  private func run(_ trace: Trace) throws -> Trace {
    var run = MergeRun(stateDigest: .zero)
    var result = trace
    var decisions = 0
    for index in trace.changes.indices {
      try run.merge(try change(trace.changes[index]), isKnown: false) { _ in
        nil
      } history: { _, _, _ in
        []
      }
      let report = MergeReport(Array(run.decisions.dropFirst(decisions))).encoded
      decisions = run.decisions.count
      result.changes[index].after = After(
        report: String(decoding: report, as: UTF8.self), stateDigest: run.stateDigest.hex,
        conflicts: run.states.sorted { $0.key < $1.key }.flatMap { conflicts($0.key, $0.value) })
    }
    result.elements = run.states.flatMap { record, state in
      state.digestElements.map { hexText($0.encoded(in: record, rules: mergeRulesVersion)) }
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return result
  }

  private func conflicts(_ record: RecordID, _ state: RecordState) -> [Conflict] {
    var conflicts = state.conflictingFields.map { field in
      let siblings = state.siblings(of: field)
      return Conflict(
        record: hexText(record.encoded), field: field.rawValue,
        siblings: siblings.map(\.dot.description), sources: sources(siblings),
        shown: siblings.shown?.sibling.dot.description,
        reason: siblings.shown?.reason.rawValue)
    }
    if state.isLifecycleInConflict {
      conflicts.append(
        Conflict(
          record: hexText(record.encoded), field: 0,
          siblings: state.deletions.map(\.sibling.dot.description),
          sources: sources(state.deletions.map(\.sibling))))
    }
    return conflicts
  }

  private func sources(_ siblings: [Sibling]) -> [String]? {
    guard siblings.contains(where: { $0.cited != nil }) else { return nil }
    return siblings.map(\.source.origin.description)
  }

  private func name(_ name: Name) throws -> ChangeIdentity {
    guard let chain = Digest256(hex: name.chain) else { throw BadVector(text: name.chain) }
    return ChangeIdentity(origin: try dot(name.dot), chainHash: chain)
  }

  private func change(_ vector: VectorChange) throws -> Change {
    let carrier = try dot(vector.dot)
    var own = VersionVector(try vector.lineage.map(dot))
    own.include(Dot(carrier.replica, Counter(carrier.counter.rawValue - 1)))
    guard let chain = Digest256(hex: vector.chain) else { throw BadVector(text: vector.chain) }
    return Change(
      identity: ChangeIdentity(origin: try dot(vector.origin ?? vector.dot), chainHash: chain),
      carrier: Carrier(carrier, .leaf(vector.leaf)),
      context: CausalContext(treeSize: vector.treeSize, own: own), time: vector.time,
      operations: try vector.operations.map(operation), undoes: try vector.undoes.map(name))
  }

  private func operation(_ vector: VectorOperation) throws -> MergeCore.Operation {
    guard let record = RecordID(encoded: try bytes(vector.record)) else {
      throw BadVector(text: vector.record)
    }
    let field = FieldID(rawValue: vector.field ?? 0)
    let action: Action
    switch (vector.type, vector.value.map(content)) {
    case ("create", let content): action = .create(content)
    case ("write", let content?): action = .write(field, content)
    case ("write", nil): action = .writeBack(field)
    case ("add", let content?): action = .add(field, content)
    case ("add", nil): action = .addBack(field, undone: vector.undonePlace ?? 0)
    case ("remove", let content?): action = .remove(field, content)
    case ("delete", nil): action = vector.cites == nil ? .delete : .deleteBack
    case ("restore", nil): action = .restore
    case ("touch", nil): action = .touch
    default: throw BadVector(text: vector.type)
    }
    return Operation(
      record, action, against: try vector.against.map { VectorClock(try $0.map(dot)) },
      isResolution: vector.resolution ?? false, cites: try (vector.cites ?? []).map(name))
  }

  private func content(_ value: String) -> Content {
    let bytes = Array(value.utf8)
    return Content(
      commitment: contentCommitment(salt: [UInt8](repeating: 0, count: 32), value: bytes),
      value: DomainHash.plain(bytes))
  }

  private func dot(_ text: String) throws -> Dot {
    guard let dot = Dot(text) else { throw BadVector(text: text) }
    return dot
  }
}
