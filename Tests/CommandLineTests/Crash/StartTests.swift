import Foundation
import SimulationKit
import Testing

/// Stores that several processes begin at once.
@Suite struct StartTests {
  @Test func `of several inits at once one makes the store, and the others leave it be`() throws {
    try Scene.play { scene in
      for round in 0..<8 {
        let newcomer = try scene.analyst("newcomer-\(round)")
        let names = ["one", "two", "three", "four"]
        let running = try names.map { try newcomer.start(["init", "--analyst", $0, "--json"]) }
        let outcomes = running.map { $0.wait() }
        let made = outcomes.filter(\.isSuccess)
        #expect(made.count == 1, "\(outcomes)")
        #expect(outcomes.filter { $0.code == 73 }.count == names.count - 1, "\(outcomes)")
        try expectHealthy(newcomer)
        #expect(try made.first?.json()["replica"] == newcomer.json("status")["replica"])
        #expect(try newcomer.json("status")["pending_changes"]?.int == 1, "one genesis")
      }
    }
  }

  @Test func `a store with two beginnings is told`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try SQLiteFile.execute(
        """
        INSERT INTO own_replica (id, private_key, seed_secret, nonce, seal)
        SELECT randomblob(length(id)), private_key, seed_secret, nonce, seal FROM own_replica
        """, in: layla.store + "/store.sqlite")
      let outcome = try layla.run(["doctor"])
      #expect(outcome.code != 0, "\(outcome)")
      #expect(!outcome.messages.contains("internal error"))
    }
  }
}
