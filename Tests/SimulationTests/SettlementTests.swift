import AnnotationModel
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("What an exchange leaves pending")
struct SettlementTests {
  @Test("an auditor's offline edits are set aside in one go, under one successor (ruling 16)")
  func demotedWhileOffline() throws {
    let pair = try Pair()
    for number in 0..<20 { try pair.annotate(pair.omar, "offline \(number)") }
    try pair.setRole(.auditor)
    let outcome = try pair.sync(pair.omar)
    #expect(outcome.refusedChanges == 20)
    #expect(outcome.roundTrips <= 3)
    #expect(outcome.inSync)
    #expect(try pair.replicaCount(pair.omar) == 2)
    #expect(try pair.notes(pair.omar).isEmpty)
  }

  @Test("all that goes beyond a limit is set aside at once, under one successor (ruling 30)")
  func filledApart() throws {
    let pair = try Pair()
    let annotation = try pair.mark(pair.omar, "first")
    try pair.sync(pair.omar)
    let copy = try copy(of: pair.omar, pair)
    let form = try #require(try pair.omar.workspace.read { try $0.item(annotation) }).clock
    // On both machines more than half of what may stand side by side, none of which covers another.
    let half = Limits.memberSiblingsMax / 2 + 5
    for store in [pair.omar, copy] {
      for number in 0..<half {
        try store.workspace.edit {
          _ = try $0.edit(
            annotation, RecordEdit(note: "\(store.name) \(number)"), against: form)
        }
      }
      try pair.annotate(store, "beside it, by \(store.name)")
    }
    #expect(try pair.sync(pair.omar).refusedChanges == 0)
    let outcome = try pair.sync(copy)
    #expect(outcome.refusedChanges == 2 * half - Limits.memberSiblingsMax)
    #expect(outcome.roundTrips <= 3)
    #expect(outcome.inSync)
    #expect(try pair.replicaCount(copy) == 3, "the original, the copy, and one successor")
    #expect(try pair.notes(copy).contains("beside it, by omar-copy"))
    #expect(try copy.workspace.read { try $0.news(limit: 10).map(\.text) }.count == 2)
  }

  @Test("what goes beyond a limit is refused when it is typed, at the limit and one past it")
  func overLimitWhenTyped() throws {
    let pair = try Pair()
    let annotation = try pair.mark(pair.omar, "first")
    let form = try #require(try pair.omar.workspace.read { try $0.item(annotation) }).clock
    for number in 0..<Limits.memberSiblingsMax {
      try pair.omar.workspace.edit {
        _ = try $0.edit(annotation, RecordEdit(note: "\(number)"), against: form)
      }
    }
    #expect(throws: AuthoringRefusal.self) {
      try pair.omar.workspace.edit {
        _ = try $0.edit(annotation, RecordEdit(note: "one more"), against: form)
      }
    }
    #expect(try pair.sync(pair.omar).refusedChanges == 0)
    #expect(try pair.replicaCount(pair.omar) == 1)
  }

  @Test("what was refused is released once the role allows it, and nothing twice (ruling 16)")
  func released() throws {
    let pair = try Pair()
    let annotation = try pair.mark(pair.omar, "first")
    try pair.sync(pair.omar)
    try pair.sync(pair.layla)
    // One form, shown before the second note, and saved over the first.
    let form = try #require(try pair.omar.workspace.read { try $0.item(annotation) }).clock
    try pair.omar.workspace.edit { _ = try $0.edit(annotation, RecordEdit(note: "second")) }
    try pair.omar.workspace.edit {
      _ = try $0.edit(annotation, RecordEdit(note: "of an older form"), against: form)
    }
    try pair.annotate(pair.omar, "another")
    try pair.setRole(.auditor)
    #expect(try pair.sync(pair.omar).refusedChanges == 3)
    #expect(try pair.notes(pair.omar) == ["first"])
    try pair.setRole(.annotator)
    let clone = try copy(of: pair.omar, pair)
    try pair.sync(pair.omar)

    #expect(try pair.omar.workspace.read { try $0.quarantined().map(\.code) }.count == 3)
    #expect(try pair.omar.workspace.release(nil) == 3)
    #expect(try pair.omar.workspace.read { try $0.quarantinedCount() } == 0)
    #expect(try pair.sync(pair.omar).inSync)
    try pair.sync(pair.layla)
    #expect(try pair.notes(pair.layla).contains("another"))
    let siblings = try pair.layla.workspace.read {
      try $0.conflicts().map { $0.siblings.count }
    }
    #expect(siblings == [2], "the form did not cover the second note, before and after")

    // The same work released in a copy is recognised, and absorbed.
    #expect(throws: AuthoringRefusal.self, "the clone does not know of the role yet") {
      try clone.workspace.release(nil)
    }
    try pair.sync(clone)
    #expect(try clone.workspace.release(nil) == 3)
    #expect(try pair.sync(clone).inSync)
    try pair.sync(pair.layla)
    #expect(try pair.layla.workspace.read { try $0.liveCount(of: .annotation) } == 2)
    #expect(try pair.layla.workspace.read { try $0.conflictCount() } == 1)
  }

  @Test("a clock follows the work that it holds through quarantine and forks (ruling 16)")
  func releasedAgainst() throws {
    let pair = try Pair()
    let annotation = try pair.mark(pair.omar, "first")
    try pair.sync(pair.omar)
    try pair.omar.workspace.edit { _ = try $0.edit(annotation, RecordEdit(note: "second")) }
    let form = try #require(try pair.omar.workspace.read { try $0.item(annotation) }).clock
    try pair.omar.workspace.edit {
      _ = try $0.edit(annotation, RecordEdit(note: "third"), against: form)
    }
    try pair.setRole(.auditor)
    #expect(try pair.sync(pair.omar).refusedChanges == 2)
    try pair.setRole(.annotator)
    try pair.sync(pair.omar)
    for _ in 0..<2 {
      let first = try #require(try pair.omar.workspace.read { try $0.quarantined() }.first)
      #expect(try pair.omar.workspace.release([first.entry.dot]) == 1)
    }
    try pair.sync(pair.omar)
    try pair.sync(pair.layla)
    #expect(try pair.notes(pair.layla) == ["third"])
    #expect(try pair.layla.workspace.read { try $0.conflictCount() } == 0)
  }

  @Test("what is dropped from quarantine is gone, and the rest goes on (ruling 16)")
  func dropped() throws {
    let pair = try Pair()
    try pair.annotate(pair.omar, "one")
    try pair.annotate(pair.omar, "two")
    try pair.setRole(.auditor)
    try pair.sync(pair.omar)
    try pair.setRole(.annotator)
    try pair.sync(pair.omar)
    let dots = try pair.omar.workspace.read { try $0.quarantined().map(\.entry.dot) }
    #expect(try pair.omar.workspace.drop([dots[0]]) == 1)
    #expect(try pair.omar.workspace.drop([dots[0]]) == 0)
    #expect(try pair.omar.workspace.release(dots) == 1)
    #expect(try pair.sync(pair.omar).inSync)
    #expect(try pair.notes(pair.omar) == ["two"])
  }

  @Test(
    "a refusal after changes that a push has proved logged keeps those, and brings on from them")
  func refusedAfterAcknowledged() throws {
    let pair = try Pair()
    try pair.annotate(pair.omar, "in time")
    try pair.sync(pair.omar, .push)
    try pair.annotate(pair.omar, "too late")
    try pair.setRole(.auditor)
    // A push brings no leaves, so that the store cannot tell yet whether the refusal is right.
    #expect(throws: SyncFailure.self) { try pair.sync(pair.omar, .push) }
    #expect(try pair.notes(pair.omar) == ["in time", "too late"])
    #expect(try pair.sync(pair.omar).refusedChanges == 1)
    try pair.sync(pair.layla)
    #expect(try pair.notes(pair.layla) == ["in time"])
    #expect(try pair.notes(pair.omar) == ["in time"])
  }

  @Test("a successor that waits behind a refused change does not keep it from being set aside")
  func successorBehindRefusal() throws {
    let pair = try Pair()
    try pair.annotate(pair.omar, "offline")
    let copy = try copy(of: pair.omar, pair)
    try pair.annotate(copy, "offline in the copy")
    try pair.setRole(.auditor)
    #expect(try pair.sync(copy).refusedChanges == 2)
    #expect(try pair.sync(pair.omar).refusedChanges == 1)
    #expect(try pair.notes(copy).isEmpty)
  }

  @Test("a copy of a store that never synced covers what it took over, before any sync and after")
  func copyBeforeEnrolment() throws {
    let pair = try Pair()
    let invitation = try pair.layla.workspace.edit {
      try $0.invite(name: "Nadia", role: .annotator)
    }
    let nadia = try SimulatedStore(
      "nadia", path: pair.disk.folder("nadia"),
      machine: .simulated(
        seed: 3, time: pair.time, skew: 0, stateDirectory: pair.disk.folder("state-nadia"))
    ) { try Workspace.join(in: $0, invite: invitation.code, machine: $1) }
    let label = try nadia.workspace.edit { try $0.addLabel("claim").record }
    try nadia.workspace.edit { _ = try $0.edit(label, RecordEdit(name: "assertion")) }
    let copy = try copy(of: nadia, pair)
    try copy.workspace.edit { _ = try $0.edit(label, RecordEdit(name: "thesis")) }
    #expect(try copy.workspace.read { try $0.conflictCount() } == 0)
    try pair.sync(pair.layla)
    try pair.sync(copy)
    #expect(try copy.workspace.read { try $0.conflictCount() } == 0)
  }

  @Test("of two syncs of one store at once, the slower one ends well")
  func overtaken() throws {
    let pair = try Pair()
    try pair.annotate(pair.layla, "first")
    try pair.sync(pair.layla)
    pair.exchange.meanwhile = {
      try pair.annotate(pair.layla, "second")
      try pair.sync(pair.layla)
      let other = try Workspace(opening: pair.omar.path, machine: pair.omar.machine)
      _ = try pair.exchange.run(.sync, other, .none, pair.random)
      try other.close()
    }
    try pair.sync(pair.omar, .sync, .overtaken)
    #expect(try pair.notes(pair.omar) == ["first", "second"])
    #expect(try pair.replicaCount(pair.omar) == 1)
  }

  @Test("a store that a copy forked before it ever synced is mended by its first sync")
  func forkedBeforeFirstSync() throws {
    let pair = try Pair()
    let invitation = try pair.layla.workspace.edit {
      try $0.invite(name: "Nadia", role: .annotator)
    }
    try pair.sync(pair.layla)
    let nadia = try SimulatedStore(
      "nadia", path: pair.disk.folder("nadia"),
      machine: .simulated(
        seed: 3, time: pair.time, skew: 0, stateDirectory: pair.disk.folder("state-nadia"))
    ) { try Workspace.join(in: $0, invite: invitation.code, machine: $1) }
    // A clone of the whole machine has no reason to doubt who it is.
    let clone = try copy(of: nadia, pair, withState: true)
    try clone.workspace.edit { _ = try $0.addLabel("of the clone") }
    try nadia.workspace.edit { _ = try $0.addLabel("of the original") }
    // A copy on the same machine goes on under a successor, which the log will refuse.
    let second = try copy(of: nadia, pair)
    try second.workspace.edit { _ = try $0.addLabel("of the second copy") }
    for store in [clone, second, nadia, clone] { try pair.sync(store) }
    for store in [clone, second, nadia] {
      try pair.sync(store)
      #expect(try store.workspace.read { try $0.liveCount(of: .label) } == 3)
    }
  }

  private func copy(of store: SimulatedStore, _ pair: Pair, withState: Bool = false) throws
    -> SimulatedStore
  {
    let name = store.name + (withState ? "-clone" : "-copy")
    let state = pair.disk.folder("state-" + name)
    if withState { try pair.disk.copy(store.machine.stateDirectory, to: state) }
    try store.reopen { try pair.disk.copy(store.path, to: pair.disk.folder(name)) }
    return try SimulatedStore(
      name, path: pair.disk.folder(name),
      machine: .simulated(
        seed: withState ? 10 : 11, time: pair.time, skew: 0, stateDirectory: state))
  }
}

extension SettlementTests {
  @Test("whoever only ever pushed has nothing to judge a refusal by, and accuses nobody")
  func refusedBeforeAnyPull() throws {
    let pair = try Pair()
    let nadia = try pair.invite("Nadia", seed: 3)
    try pair.sync(pair.layla)
    try pair.sync(nadia, .push)
    try pair.sync(pair.layla)
    try pair.layla.workspace.edit { try $0.setRole(member: "Nadia", role: .auditor) }
    try pair.sync(pair.layla)
    try nadia.workspace.edit { _ = try $0.addLabel("too late") }
    do {
      try pair.sync(nadia, .push)
      Issue.record("an auditor's work is taken")
    } catch SyncFailure.retryLater(let what) {
      #expect(what.contains("hashiya sync"), "\(what)")
    }
    #expect(try pair.sync(nadia).refusedChanges == 1)
  }
}
