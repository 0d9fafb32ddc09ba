import Foundation
import Glibc
import SimulationKit
import Testing

/// A server that answers a byte at a time: people see it, and it ends.
@Suite struct SlowAnswerTests {
  @Test func `a slow answer is told, ended, and a second sync says whom it waits for`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      let before = try omar.digest()
      let drip = try DrippingServer()
      try omar("server", "set", drip.url)
      let first = try omar.start(["sync"])
      drip.waitUntilAsked()
      let second = try omar.start(["sync"])
      let slow = first.wait()
      drip.stop()
      let waiting = second.wait()
      #expect(slow.code == 69, "\(slow)")
      expectSays(slow, [drip.url, "too slowly", "bytes in", "waiting for the server"])
      #expect(waiting.code == 69, "\(waiting)")
      expectSays(waiting, ["waiting for process \(first.id) (hashiya sync"])
      #expect(try omar.digest() == before)
      try omar("server", "set", team.server.url)
      try expectConverged(team.all, team.server)
    }
  }
}
