import AnnotationModel
import SyncClient
import SyncProtocol
import Testing
import WorkspaceStore

/// Others' leaves between the batches of one request, which the server takes in piece by piece.
@Suite struct InterleavedTests {
  /// An edit, an act and an edit of Layla's: three batches.
  private func makeThreeBatches(_ pair: Pair) throws {
    try pair.annotate(pair.layla, "before")
    try pair.layla.workspace.edit { try $0.rename(member: "Omar", to: "Omar H.") }
    try pair.annotate(pair.layla, "after")
  }

  @Test(arguments: [ExchangeMode.sync, .push])
  func `leaves of others between those of one request accuse nobody`(mode: ExchangeMode) throws {
    let pair = try Pair()
    try makeThreeBatches(pair)
    var turns = 0
    pair.exchange.others = {
      turns += 1
      try pair.annotate(pair.omar, "between \(turns)")
      try pair.sync(pair.omar)
    }
    let outcome = try pair.sync(pair.layla, mode, .interleaved)
    #expect(turns == 2)
    #expect(outcome.pushedChanges == 3)
    for store in [pair.layla, pair.omar] { try pair.sync(store) }
    #expect(try pair.notes(pair.layla) == ["before", "after", "between 1", "between 2"])
    #expect(try pair.notes(pair.omar) == pair.notes(pair.layla))
  }

  @Test func `what is refused by a log that grew meanwhile is judged again, and not a lie`() throws
  {
    let pair = try Pair()
    try pair.annotate(pair.omar, "work of an annotator")
    // Another batch, so that the refusal is one turn and the log grows before the next.
    try pair.omar.workspace.edit { try $0.rename(member: "Omar", to: "Omar H.") }
    try pair.setRole(.auditor)
    pair.exchange.others = { try pair.setRole(.annotator) }
    try pair.sync(pair.omar, .sync, .interleaved)
    #expect(try pair.omar.workspace.read { try $0.pendingCount() } == 0)
    try pair.sync(pair.layla)
    #expect(try pair.notes(pair.layla) == ["work of an annotator"])
    #expect(try pair.replicaCount(pair.omar) == 1, "nothing was set aside, so no successor")
  }
}
