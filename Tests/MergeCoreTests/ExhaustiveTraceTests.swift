import MergeCore
import SimulationKit
import Testing

/// Every log of up to four changes by three replicas on one record, compared with the oracle after every
/// change: state, decisions, conflicts and digest.
///
/// A log is a sequence of changes: it says in which order they were logged, who made each, what it does,
/// and which of the earlier ones its author means to cover. What is left out, and why nothing hides there:
/// - *Names.* Replicas appear in one order, and of the values of a register X is written before Y. That
///   replicas' names do not matter is checked with every assignment of three names, in logs of three.
/// - *Ways to cover.* A change covers some set of the earlier ones, by what its author had received or by
///   the clock of an older form. In logs of four each set stands once, by the context where it can be. In
///   logs of three every context and every clock stands, even where they cover the same.
/// - *Further fields.* In logs of four there is one register and one set with one element, and a change
///   has one operation. Two of each, and changes of several operations, stand in logs of three.
/// - *Resolving the lifecycle* is deleting or restoring with a flag, and stands in logs of three. Resolving
///   a register stands in logs of four.
///
/// The numbers of logs follow from sums over shapes (who covers what) times words (what is done) and were
/// computed apart from this code: 1, 4, 32 and 418 shapes of one to four changes where each covered set
/// stands once; 1, 4, 28 and 277 by contexts alone.
@Suite("Exhaustive traces agree with the oracle")
struct ExhaustiveTraceTests {
  /// What is done in logs of four: everything but the lifecycle's resolutions.
  private static let letters: [Letter] = [
    .create, .touch, .writeX, .writeY, .resolveX, .resolveY, .add, .remove, .delete, .restore,
  ]

  /// The first change's operation, with the number of logs that begin with it: more of them after an X,
  /// which all ten letters may follow, while Y needs an X before it.
  private static let beginnings: [(first: Letter, logs: Int)] = [
    (.create, 256_353), (.touch, 256_353), (.writeX, 421_241), (.resolveX, 421_241),
    (.add, 256_353), (.remove, 256_353), (.delete, 256_353), (.restore, 256_353),
  ]

  @Test("Up to four changes on a register, a set and the lifecycle", arguments: beginnings)
  func four(first: Letter, logs: Int) throws {
    var search = TraceSearch(Self.letters, depth: 4)
    search.coverage = .everySet
    search.beginning = [first]
    try search.run()
    print("exhaustive, four changes from \(first): \(search.traceCount) logs")
    #expect(search.traceCount == logs)
  }

  @Test("All logs of four are among them")
  func total() {
    #expect(Self.beginnings.map(\.logs).reduce(0, +) == 2_380_600)
    #expect(
      Set(Self.beginnings.map(\.first)) == Set(Self.letters.filter { !$0.writesSecondValue }))
  }

  @Test("Up to three changes of every kind, as logged and as every author sees them")
  func everyKind() throws {
    var search = TraceSearch(Letter.ofOneField, depth: 3)
    search.checksViews = true
    try search.run()
    print("exhaustive, every kind: \(search.traceCount) logs, \(search.viewCount) views")
    #expect(search.traceCount == 31_786)
    #expect(search.viewCount == 123_026)
  }

  @Test(
    "Up to three changes, each by its context and against every clock that its author was shown")
  func olderForms() throws {
    var search = TraceSearch(
      [.create, .writeX, .writeY, .resolveX, .add, .remove, .delete, .restore], depth: 3)
    search.coverage = .contextsAndClocks
    try search.run()
    print("exhaustive, older forms: \(search.traceCount) logs")
    #expect(search.traceCount == 204_126)
  }

  @Test("Up to three changes, whatever the replicas are called", arguments: namings)
  func names(authors: [ReplicaID]) throws {
    var search = TraceSearch(Self.letters, depth: 3)
    search.authors = authors
    try search.run()
    #expect(search.traceCount == 17_304)
  }

  /// Every assignment of three names.
  private static let namings = [
    [replicaA, replicaB, replicaC], [replicaA, replicaC, replicaB],
    [replicaB, replicaA, replicaC], [replicaB, replicaC, replicaA],
    [replicaC, replicaA, replicaB], [replicaC, replicaB, replicaA],
  ]

  @Test("Up to three changes on two registers and two elements")
  func twoOfEach() throws {
    var search = TraceSearch(
      [
        .writeX, .writeY, .writeOtherX, .writeOtherY, .add, .remove, .addOther, .removeOther,
        .delete, .restore,
      ], depth: 3)
    try search.run()
    print("exhaustive, two of each: \(search.traceCount) logs")
    #expect(search.traceCount == 21_505)
  }

  /// What is undone, in logs of how many changes, with how many such logs; counted by this code.
  private static let undone: [(letters: [Letter], depth: Int)] = [
    ([.writeX, .writeY], 4), ([.add, .remove], 4), ([.touch, .delete, .restore], 4),
    ([.writeX, .resolveY, .add, .remove, .delete, .restore], 3),
  ]

  @Test(
    "Logs in which authors take their changes back, as logged and as every author sees them",
    arguments: undone)
  func undoing(letters: [Letter], depth: Int) throws {
    var search = TraceSearch(letters, depth: depth)
    search.undoes = true
    search.checksViews = true
    try search.run()
    print(
      "exhaustive, undoing \(letters): \(search.traceCount) logs, \(search.undoCount) undone, "
        + "\(search.refusedCount) refused, \(search.viewCount) views")
    #expect(search.undoCount > 0)
    #expect(search.refusedCount > search.undoCount)
  }

  @Test("Logs in which authors take changes of several operations back")
  func undoingSeveral() throws {
    var search = TraceSearch(
      words: [
        [.add, .addOther], [.remove, .removeOther], [.removeOther, .writeX, .remove], [.add],
        [.writeX, .writeOtherX], [.writeY, .writeOtherY],
      ], depth: 3)
    search.undoes = true
    search.checksViews = true
    try search.run()
    print(
      "exhaustive, undoing several: \(search.traceCount) logs, \(search.undoCount) undone, "
        + "\(search.togetherCount) of them together")
    #expect(search.togetherCount > 0)
    #expect(search.refusedCount > search.undoCount)
  }

  @Test("Up to three changes of several operations each")
  func severalOperations() throws {
    var search = TraceSearch(
      words: [
        [.create, .touch, .writeX, .add], [.restore, .writeX], [.restore, .remove],
        [.writeX, .writeOtherX], [.writeY, .writeOtherY], [.add, .removeOther],
        [.remove, .addOther], [.resolveLive, .resolveY], [.delete],
      ], depth: 3)
    try search.run()
    print("exhaustive, several operations: \(search.traceCount) logs")
    #expect(search.traceCount == 13_191)
  }
}
