import AnnotationModel
import MergeCore
import SyncProtocol
import Testing

/// What is read to undo has bounds: for a part of a record everywhere, and for a batch in the log.
struct UndoLimitTests {
  private let note = AnnotationField.note
  private let part = RecordPart.field(AnnotationField.note)
  private let author: ReplicaID
  /// Two values of one author on each of several records, the second in the place of the first.
  private var base = MergeRun(stateDigest: .zero)
  private var counter = Counter(0)
  private var written: [RecordID: [ChangeIdentity]] = [:]

  init() throws {
    author = try #require(ReplicaID(hex: String(repeating: "31", count: 16)))
    // The author's first change, on something else, so that each that follows had one before it.
    try Self.merge(try change(on: annotation(200)), into: &base)
  }

  /// A change that writes, or takes the latest one on the record back.
  private mutating func change(on record: RecordID, undoes: Bool = false) throws -> Change {
    let dot = Dot(author, counter.next)
    counter = dot.counter
    let written = self.written[record] ?? []
    let content = Content(commitment: .zero, value: DomainHash.plain([UInt8(written.count)]))
    let action = undoes ? Action.writeBack(note) : .write(note, content)
    let change = Change(
      identity: ChangeIdentity(origin: dot, chainHash: .zero), carrier: Carrier(dot, .pending),
      context: CausalContext(
        treeSize: 0, own: VersionVector([Dot(author, Counter(dot.counter.rawValue - 1))])),
      time: 1, operations: [Operation(record, action, cites: undoes ? [written[0]] : [])],
      undoes: undoes ? written[1] : nil)
    if !undoes { self.written[record, default: []].append(change.identity) }
    return change
  }

  private static func merge(_ change: Change, into run: inout MergeRun) throws {
    try run.merge(change, isKnown: false) { _ in
      nil
    } history: { _, _, _ in
      []
    }
  }

  /// The operations on a record that name `dots` dots, with what stands for many others.
  private func history(of record: RecordID, dots: Int) throws -> [PartOperation] {
    let own = base.operations(on: record, part, dotsMax: .max) { _ in [] }
    var other = try #require(own.first)
    let stranger = try #require(ReplicaID(hex: String(repeating: "72", count: 16)))
    other.identity = ChangeIdentity(origin: Dot(stranger, 1), chainHash: .zero)
    other.taken = []
    other.coverage = .context(CausalContext(treeSize: 0, own: VersionVector()))
    other.carriers = (1...dots - own.dotCount).map {
      Carrier(Dot(stranger, Counter(UInt64($0))), .pending)
    }
    let all = own + [other]
    #expect(all.dotCount == dots)
    return all
  }

  /// Takes the second value of each of these records back, one change a record; what was asked for.
  private mutating func undo(
    _ records: [(record: RecordID, dots: Int)], _ citations: MergeRun.Citations
  ) throws -> (run: MergeRun, asked: [Int]) {
    for (record, _) in records {
      for _ in 0..<2 { try Self.merge(try change(on: record), into: &base) }
    }
    var run = MergeRun(stateDigest: .zero, citations: citations)
    var asked: [Int] = []
    for (record, dots) in records {
      let history = try history(of: record, dots: dots)
      try run.merge(try change(on: record, undoes: true), isKnown: false) {
        base.states[$0]
      } history: { _, _, dotsMax in
        asked.append(dotsMax)
        return history
      }
    }
    return (run, asked)
  }

  private func isBack(_ record: RecordID, in run: MergeRun) -> Bool {
    run.states[record]?.siblings(of: note).map(\.cited) == [written[record]?[0]]
  }

  @Test("the operations on a part name at most so many dots", arguments: [0, 1])
  mutating func part(past: Int) throws {
    let record = try annotation(1)
    let records = [(record, Limits.partHistoryMax + past)]
    if past == 0 {
      let (run, asked) = try undo(records, .checked)
      #expect(isBack(record, in: run))
      #expect(asked == [Limits.partHistoryMax])
    } else {
      #expect(try refusalCode { _ = try undo(records, .checked) } == .overLimit)
    }
  }

  @Test("past that nothing comes back in one's own pending work either")
  mutating func pending() throws {
    let record = try annotation(1)
    let (run, _) = try undo([(record, Limits.partHistoryMax + 1)], .lenient)
    let latest = try #require(written[record]?[1])
    #expect(run.states[record]?.siblings(of: note).map(\.identity) == [latest])
  }

  @Test("what was read of the log names at most so many dots in one batch", arguments: [0, 1])
  mutating func leaf(past: Int) throws {
    let count = Limits.leafHistoryMax / Limits.partHistoryMax
    var records = try (1...count).map {
      (record: try annotation(UInt8($0)), dots: Limits.partHistoryMax)
    }
    if past == 0 {
      let (run, asked) = try undo(records, .checked)
      #expect(records.allSatisfy { isBack($0.record, in: run) })
      // No more is asked for than may still be read.
      #expect(asked.last == Limits.partHistoryMax)
    } else {
      records[0].dots -= 10
      records.append((try annotation(100), 11))
      #expect(try refusalCode { _ = try undo(records, .checked) } == .overLimit)
    }
  }

  @Test("that is no bound on all of one's pending work, nor on a record that is merged again")
  mutating func folded() throws {
    let records = try (1...20).map {
      (record: try annotation(UInt8($0)), dots: Limits.partHistoryMax)
    }
    let (run, _) = try undo(records, .lenient)
    #expect(records.allSatisfy { isBack($0.record, in: run) })
  }

  @Test("a part is read once, however often a batch takes something back there")
  mutating func readOnce() throws {
    let record = try annotation(1)
    for _ in 0..<2 { try Self.merge(try change(on: record), into: &base) }
    let history = try history(of: record, dots: Limits.partHistoryMax / 2)
    var run = MergeRun(stateDigest: .zero)
    var count = 0
    for _ in 0..<50 {
      let undoing = try change(on: record, undoes: true)
      try run.merge(undoing, isKnown: false) {
        base.states[$0]
      } history: { _, _, _ in
        count += 1
        return history
      }
      let again = try change(on: record)
      written[record] = [written[record]?[0] ?? again.identity, again.identity]
      try run.merge(again, isKnown: false) { _ in
        nil
      } history: { _, _, _ in
        []
      }
    }
    #expect(count == 1)
  }

  @Test("the first fault ends it")
  mutating func firstFault() throws {
    let records = try (1...50).map { try annotation(UInt8($0)) }
    var undoing = try change(on: records[0])
    undoing.undoes = undoing.identity
    undoing.operations = records.map {
      Operation($0, .writeBack(note), cites: [undoing.identity])
    }
    var run = MergeRun(stateDigest: .zero)
    var count = 0
    #expect(
      try refusalCode {
        try run.merge(undoing, isKnown: false) { _ in
          nil
        } history: { _, _, _ in
          count += 1
          return []
        }
      } == .badOperation)
    #expect(count == 1)
  }
}
