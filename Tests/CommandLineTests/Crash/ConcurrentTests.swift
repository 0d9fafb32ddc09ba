import Foundation
import SimulationKit
import Testing

/// Several processes on one store at once.
@Suite(.serialized) struct ConcurrentTests {
  private static let editsPerShell = 100

  @Test func `two shells edit one store while it syncs, and everything acknowledged is there`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let shells = Shells(editing: 2)
      // The third keeps syncing until the other two are done.
      DispatchQueue.concurrentPerform(iterations: 3) { shell in
        if shell == 2 {
          while shells.isEditing { shells.note(omar, ["sync", "--json"], acknowledges: false) }
        } else {
          for number in 0..<Self.editsPerShell {
            shells.note(omar, Self.annotation("shell-\(shell)-\(number)"), acknowledges: true)
          }
          shells.endEditing()
        }
      }
      #expect(shells.failures.isEmpty, "\(shells.failures.first ?? "")")
      #expect(shells.syncCount > 0)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try Set(analyst.annotationIDs()) == shells.acknowledged)
        #expect(try analyst.enrolments() == 1)
      }
      #expect(shells.acknowledged.count == 2 * Self.editsPerShell)
    }
  }

  @Test func `syncs of one store at once all end well`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for round in 0..<10 {
        try omar.annotate("fox", as: "omar-\(round)")
        try team.layla.annotate("dog", as: "layla-\(round)")
        try team.layla("sync")
        let shells = Shells(editing: 0)
        DispatchQueue.concurrentPerform(iterations: 3) { shell in
          let command = shell == 0 ? ["sync", "push", "--json"] : ["sync", "--json"]
          shells.note(omar, command, acknowledges: false)
        }
        #expect(shells.failures.isEmpty, "\(shells.failures.first ?? "")")
      }
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 20)
      #expect(try omar.enrolments() == 1)
    }
  }

  private static func annotation(_ id: String) -> [String] {
    ["annotate", Team.article, "--quote", "fox", "--label", "claim", "--id", id, "--json"]
  }
}

/// What shells that run at once came to.
///
/// Sendable although a class with mutable state: `lock` guards all of it.
private final class Shells: @unchecked Sendable {
  private let lock = NSLock()
  private var editing: Int
  private(set) var acknowledged: Set<String> = []
  private(set) var failures: [String] = []
  private(set) var syncCount = 0

  init(editing: Int) { self.editing = editing }

  var isEditing: Bool { lock.withLock { editing > 0 } }

  func endEditing() { lock.withLock { editing -= 1 } }

  /// Runs a command to its end, and notes what it acknowledged.
  func note(_ analyst: Analyst, _ command: [String], acknowledges: Bool) {
    do {
      let result = try analyst.run(command).successful().json()
      lock.withLock {
        if acknowledges, let id = result["id"]?.text { acknowledged.insert(id) }
        if !acknowledges { syncCount += 1 }
      }
    } catch {
      lock.withLock { failures.append("\(error)") }
    }
  }
}
