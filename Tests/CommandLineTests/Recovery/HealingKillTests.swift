import Foundation
import SimulationKit
import Testing

/// `kill -9` of a server while it takes lost leaves back.
///
/// By itself, so that the moments fall where they are aimed.
@Suite(.serialized) struct HealingKillTests {
  /// Leaves that are lost and brought back, several pages of them.
  private static let leafCount = 150

  private static var killCount: Int {
    ProcessInfo.processInfo.environment["HASHIYA_KILLS"].flatMap { Int($0) } ?? 60
  }

  @Test func `a server that is killed while it heals has all of it in the end`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let backup = scene.folder + "/backup"
      team.server.stop()
      try scene.copy(team.server.data, to: backup)
      // Acts are a leaf each; nobody has to be there while they are made.
      for number in 0..<Self.leafCount {
        try team.layla.run(["invite", "guest-\(number)"])
      }
      try team.server.start()
      try team.layla("sync")
      try omar("sync")
      let size = try team.server.size()
      let digest = try team.server.digest()
      let trial = try KillTrial(team)
      var healings = 0
      try team.server.restore(backup, in: scene)
      for _ in 0..<Self.killCount {
        let holder = trial.random.once(in: 2) ? omar : team.layla
        let sync = try holder.start(["sync"])
        trial.spin()
        trial.spin()
        team.server.kill()
        let outcome = sync.wait()
        #expect([0, 69, 75].contains(outcome.code), "\(outcome)")
        try team.server.start()
        guard try team.server.recoveryReason() == nil else { continue }
        healings += 1
        #expect(try team.server.size() == size)
        #expect(try team.server.digest() == digest)
        try team.server.restore(backup, in: scene)
      }
      try omar("sync")
      #expect(try team.server.digest() == digest)
      try expectConverged(team.all, team.server)
      print("\(Self.killCount) kills while healing, \(healings) healed all the same")
    }
  }
}
