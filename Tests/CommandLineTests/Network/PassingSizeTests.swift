import Foundation
import SimulationKit
import Testing

/// Proxies that let only so much pass: a sync sends and asks for less, and remembers.
@Suite struct PassingSizeTests {
  /// Layla and Omar behind a proxy.
  private func play(
    _ body: (Scene, ServerHost, ProxyHost, _ layla: Analyst, _ omar: Analyst) throws -> Void
  ) throws {
    try Scene.play { scene in
      let server = try scene.server(publicPort: FreePort.next())
      let proxy = try ProxyHost(port: server.publicPort, target: server.port)
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla))
      try body(scene, server, proxy, layla, omar)
      withExtendedLifetime(proxy) {}
    }
  }

  /// Adds articles of so many bytes.
  private func addArticles(_ numbers: Range<Int>, bytes: Int, _ analyst: Analyst) throws {
    let files = try numbers.map { number in
      let text = String(repeating: "\(number) ", count: bytes / "\(number) ".utf8.count)
      return try analyst.write(text.utf8, to: "long-\(number).txt")
    }
    try analyst.run(["article", "add"] + files).successful()
  }

  @Test(arguments: [ProxyHost.Rule.tooLarge, ProxyHost.Rule.tooLate, nil])
  func `a proxy that takes only a megabyte gets less, and is not tried again`(
    refusal: String?
  ) throws {
    try play { _, server, proxy, layla, omar in
      proxy.set(ProxyHost.Rule(requestBytesMax: 1 << 20, refusal: refusal))
      try addArticles(0..<12, bytes: 250_000, layla)
      let first = try layla.json("sync")
      #expect(first["in_sync"]?.bool == true)
      #expect(first["pushed_changes"]?.int == 12)
      #expect(proxy.refusedBodies == proxy.refusedBodies.sorted(by: >))
      let refused = proxy.refusedBodies.count
      #expect((1...3).contains(refused), "\(proxy.refusedBodies)")
      try addArticles(12..<24, bytes: 250_000, layla)
      #expect(try layla.json("sync")["in_sync"]?.bool == true)
      #expect(proxy.refusedBodies.count == refused)
      let known = try #require(try layla.json("server")["request_bytes"]?.int)
      #expect(known < 1 << 20 && known >= 1 << 18)
      proxy.set(ProxyHost.Rule())
      try expectConverged([layla, omar], server)
    }
  }

  @Test func `where nothing passes, the limit and what to allow are told`() throws {
    try play { _, server, proxy, layla, omar in
      try addArticles(0..<1, bytes: 400_000, layla)
      proxy.set(ProxyHost.Rule(requestBytesMax: 1 << 17))
      for _ in 0..<2 {
        let outcome = try layla.run(["sync"])
        #expect(outcome.code == 69, "\(outcome)")
        expectSays(
          outcome, ["nginx/1.22.1", server.url, "413", "client_max_body_size", "nothing is lost"])
      }
      #expect(try layla.json("status")["pending_changes"]?.int == 1)
      proxy.set(ProxyHost.Rule())
      try expectConverged([layla, omar], server)
    }
  }

  @Test func `answers that are cut are asked for in pieces that pass`() throws {
    try play { scene, server, proxy, layla, omar in
      // One push a leaf, so that checkpoints are close.
      for number in 0..<8 {
        try addArticles(number..<(number + 1), bytes: 250_000, layla)
        try layla("push")
      }
      proxy.set(ProxyHost.Rule(answerBytesMax: 900_000))
      let outcome = try omar.run(["pull", "--json"]).successful().json()
      #expect(outcome["pulled_changes"]?.int == 8)
      #expect(try #require(outcome["round_trips"]?.int) > 2)
      let known = try #require(try omar.json("server")["answer_bytes"]?.int)
      #expect(known < 900_000)
      try expectConverged([layla, omar], server)
    }
  }

  @Test func `answers that are cut however small they are, are told with what came`() throws {
    try play { _, server, proxy, layla, omar in
      // Larger than what may wait in the client when the connection breaks off.
      try addArticles(0..<1, bytes: 1_000_000, layla)
      try layla("sync")
      proxy.set(ProxyHost.Rule(answerBytesMax: 700_000))
      let outcome = try omar.run(["sync"])
      #expect(outcome.code == 69, "\(outcome)")
      expectSays(outcome, [server.url, "break off after", "proxy"])
      proxy.set(ProxyHost.Rule())
      try expectConverged([layla, omar], server)
    }
  }

  /// Layla's server went back to a copy that lacks articles of so many bytes each.
  private func restored(
    _ count: Int, bytes: Int,
    _ body: (ServerHost, ProxyHost, _ layla: Analyst, _ omar: Analyst) throws -> Void
  ) throws {
    try play { scene, server, proxy, layla, omar in
      server.stop()
      try scene.copy(server.data, to: scene.folder + "/backup")
      try server.start()
      for number in 0..<count {
        try addArticles(number..<(number + 1), bytes: bytes, layla)
        try layla("sync")
      }
      try server.restore(scene.folder + "/backup", in: scene)
      try body(server, proxy, layla, omar)
    }
  }

  @Test(arguments: [ProxyHost.Rule.tooLarge, ProxyHost.Rule.tooLate, nil])
  func `a server gets its lost leaves back through a proxy that takes little`(
    refusal: String?
  ) throws {
    try restored(6, bytes: 90_000) { server, proxy, layla, omar in
      proxy.set(ProxyHost.Rule(requestBytesMax: 200_000, refusal: refusal))
      #expect(try layla.json("sync")["in_sync"]?.bool == true)
      #expect((1...3).contains(proxy.refusedBodies.count), "\(proxy.refusedBodies)")
      #expect(try #require(try layla.json("server")["request_bytes"]?.int) < 1 << 18)
      #expect(try server.recoveryReason() == nil)
      proxy.set(ProxyHost.Rule())
      try expectConverged([layla, omar], server)
    }
  }

  @Test func `a lost leaf that no proxy lets pass is told with what to allow`() throws {
    try restored(1, bytes: 400_000) { server, proxy, layla, omar in
      proxy.set(ProxyHost.Rule(requestBytesMax: 1 << 17))
      let outcome = try layla.run(["sync"])
      #expect(outcome.code == 69, "\(outcome)")
      expectSays(outcome, ["nginx/1.22.1", server.url, "413", "client_max_body_size"])
      proxy.set(ProxyHost.Rule())
      try expectConverged([layla, omar], server)
    }
  }
}
