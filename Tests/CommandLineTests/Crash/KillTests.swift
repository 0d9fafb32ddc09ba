import Foundation
import SimulationKit
import Testing

/// `kill -9` at random moments: what a command acknowledged is there afterwards, and nobody has a
/// reason to doubt who it is.
///
/// One after another, so that the moments fall where they are aimed.
@Suite(.serialized) struct KillTests {
  private static let syncKills = 120
  private static let editKills = 40
  private static let serverKills = 80

  @Test func `syncs that are killed lose nothing, and mint no successor`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      var trial = try KillTrial(team)
      for _ in 0..<Self.syncKills {
        try trial.annotate(team.member("omar"))
        if trial.random.once(in: 3) { try trial.annotate(team.layla) }
        if trial.random.once(in: 3) { try team.layla("sync") }
        trial.kill(try team.member("omar").start(["sync"]))
      }
      try trial.expectNothingLost()
      #expect(trial.killed > Self.syncKills / 3)
      print("killed \(trial.killed) of \(Self.syncKills) syncs")
    }
  }

  @Test func `edits that are killed are there whole or not at all`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      var trial = try KillTrial(team)
      let omar = try team.member("omar")
      for _ in 0..<Self.editKills {
        trial.kill(try omar.start(trial.nextAnnotation()))
        try trial.annotate(omar)
      }
      try trial.expectNothingLost()
      #expect(trial.killed > Self.editKills / 3)
      print("killed \(trial.killed) of \(Self.editKills) edits")
    }
  }

  @Test func `a server that is killed keeps what it acknowledged, and its log grows on`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      var trial = try KillTrial(team)
      let omar = try team.member("omar")
      for _ in 0..<Self.serverKills {
        try trial.annotate(omar)
        let sync = try omar.start(["sync"])
        trial.spin()
        _ = team.server.kill()
        let outcome = sync.wait()
        #expect([0, 69, 75].contains(outcome.code), "\(outcome)")
        trial.killed += outcome.isSuccess ? 0 : 1
        if outcome.isSuccess { try trial.expectInLog(omar) }
        try team.server.start()
        if trial.random.once(in: 4) {
          try trial.annotate(team.layla)
          try team.layla("sync")
        }
      }
      try trial.expectNothingLost()
      #expect(trial.killed > 0)
      print("\(trial.killed) of \(Self.serverKills) syncs met a killed server")
    }
  }
}

/// What was acknowledged so far, and when to kill next.
struct KillTrial {
  let team: Team
  let random: SeededRandom
  /// How many processes ended by being killed.
  var killed = 0
  private var acknowledged: Set<String> = []
  private var count = 0
  /// How long a sync takes when nobody disturbs it, in microseconds; a kill comes at some time in it.
  private let span: Int

  init(_ team: Team) throws {
    self.team = team
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["HASHIYA_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...9_999)
    print("kills: HASHIYA_SEED=\(seed)")
    random = SeededRandom(seed: seed)
    let clock = ContinuousClock()
    let duration = try clock.measure { try team.layla("sync") }
    let parts = duration.components
    span = max(Int(parts.seconds) * 1_000_000 + Int(parts.attoseconds / 1_000_000_000_000), 2_000)
  }

  /// The command that makes the next annotation.
  mutating func nextAnnotation() -> [String] {
    count += 1
    return [
      "annotate", Team.article, "--quote", "fox", "--label", "claim", "--note", "note \(count)",
      "--id", "kill-\(count)", "--json",
    ]
  }

  /// An edit that is acknowledged.
  mutating func annotate(_ analyst: Analyst) throws {
    let made = try analyst.run(nextAnnotation()).successful().json()
    guard let id = made["id"]?.text else { throw ProcessFailure("annotate printed no id") }
    acknowledged.insert(id)
  }

  /// Lets a random part of a sync's time pass without giving the processor away.
  func spin() {
    let clock = ContinuousClock()
    // A fifth of the kills come too late.
    let end = clock.now + .microseconds(random.below(span + span / 4))
    while clock.now < end {}
  }

  /// Kills a process at a random moment.
  mutating func kill(_ process: ChildProcess) {
    spin()
    let outcome = process.killNow()
    if outcome.exit == .signal(SIGKILL) { killed += 1 }
  }

  /// Whether a sync that said it was done has everything in the log.
  func expectInLog(_ analyst: Analyst) throws {
    #expect(try analyst.json("status")["pending_changes"]?.int == 0)
  }

  /// Everybody converges; every acknowledged edit is there once, none was made by a successor.
  func expectNothingLost() throws {
    try expectConverged(team.all, team.server)
    for analyst in team.all {
      let ids = try analyst.annotationIDs()
      #expect(acknowledged.isSubset(of: ids), "\(acknowledged.subtracting(ids))")
      #expect(Set(ids).count == ids.count)
      #expect(try analyst.enrolments() == 1, "\(analyst.name) minted a successor")
    }
  }
}
