import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

/// A log's holder who shows people different histories, in random ways, and those people's bundles.
@Suite("Those who were shown different histories find out when they meet") struct ForkMeetingTests {
  /// One person, the history that is shown to them, and how much of it they have taken in.
  private struct Person {
    var name: String
    var store: Workspace
    var branch: Int
  }

  @Test("a meeting proves a fork exactly when no history holds both", arguments: 0..<24)
  func meet(seed: UInt64) throws {
    let random = SeededRandom(seed: seed)
    let team = try Team()
    var branches = [team.exchange]
    var people = [("Layla", team.layla), ("Omar", team.omar), ("Nadia", team.nadia)].map {
      Person(name: $0.0, store: $0.1, branch: 0)
    }
    for step in 0..<(4 + random.below(10)) {
      let index = random.below(people.count)
      // The liar forks the history that one of them sees, now and then.
      if random.below(4) == 0, branches.count < 3 {
        branches.append(branches[people[index].branch])
        people[index].branch = branches.count - 1
      }
      if random.below(2) == 0 {
        try people[index].store.edit { _ = try $0.addLabel("\(people[index].name) \(step)") }
      }
      let branch = people[index].branch
      try branches[branch].sync(people[index].store)
    }
    for one in people {
      for other in people where other.name != one.name {
        try meet(one, other, branches, "seed \(seed): \(one.name) gets \(other.name)'s bundle")
      }
    }
  }

  private func meet(
    _ one: Person, _ other: Person, _ branches: [StoreExchange], _ comment: String
  ) throws {
    _ = try one.store.clearEvidence(nil)
    let bundle = try other.store.makeBundle(since: 0)
    let mine = try one.store.read { $0.log.treeSize }
    let theirs = try other.store.read { $0.log.treeSize }
    let shared = min(mine, theirs)
    let roots = try [one, other].map { person in
      try person.store.read { try $0.log.root(ofSize: shared) }
    }
    let isOneHistory = roots[0] == roots[1]
    let digest = try one.store.read { try $0.stateDigest() }
    do {
      _ = try one.store.apply(bundle: bundle)
      #expect(isOneHistory, "\(comment)")
      #expect(try one.store.read { try $0.evidence() }.isEmpty, "\(comment)")
    } catch IngestFailure.fork {
      #expect(!isOneHistory, "\(comment)")
      let kept = try one.store.read { try $0.evidence() }
      #expect(kept.count == 1, "\(comment)")
      #expect(throws: Never.self, "\(comment)") { try kept.first?.document.check() }
      #expect(try one.store.read { try $0.stateDigest() } == digest, "\(comment)")
    }
  }
}
