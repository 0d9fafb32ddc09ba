import SimulationKit
import Testing

/// What is no Hashiya server answers in its place: that is told as what it is, and never as a lie of
/// the server's.
@Suite struct ForeignAnswerTests {
  private func sync(
    _ analyst: Analyst, answeredBy answer: String, says words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let stranger = try ScriptedServer(answers: [answer])
    try analyst("server", "set", stranger.url)
    let outcome = try analyst.run(["sync"])
    #expect(outcome.code == 69, "\(outcome)", sourceLocation: sourceLocation)
    expectSays(outcome, words, sourceLocation: sourceLocation)
    #expect(!outcome.messages.contains("does not hold"), sourceLocation: sourceLocation)
    withExtendedLifetime(stranger) {}
  }

  private func answer(_ status: String, _ headers: [String], _ body: String) -> String {
    ([
      "HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close",
    ] + headers + ["", body]).joined(separator: "\r\n")
  }

  @Test func `pages, redirects, compression and other types are told apart`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let layla = team.layla
      try layla.annotate("brown fox", as: "fox")
      let digest = try layla.digest()
      let page = "<html><head><TITLE lang=en>Hotel\n Login</title></head></html>"
      try sync(
        layla, answeredBy: answer("200 OK", ["Content-Type: text/html; charset=utf-8"], page),
        says: ["web page", "“Hotel Login”", "browser"])
      try sync(
        layla,
        answeredBy: answer(
          "511 Network Authentication Required",
          [
            "Content-Type: text/html"
          ], page), says: ["web page", "511", "browser"])
      try sync(
        layla, answeredBy: answer("404 Not Found", ["Content-Type: text/html"], "<p>none"),
        says: ["web page", "404", "hashiya server show"])
      try sync(
        layla, answeredBy: answer("302 Found", ["Location: http://portal.example/in?a=b"], ""),
        says: ["http://portal.example/in?a=b", "browser"])
      try sync(
        layla,
        answeredBy: answer(
          "301 Moved Permanently",
          ["Location: https://gloss.example/v1/workspaces/press/exchange"], ""),
        says: ["has moved to https://gloss.example", "hashiya server set https://gloss.example"])
      try sync(
        layla, answeredBy: answer("302 Found", ["Location: https://gloss.example:8/login?a=b"], ""),
        says: [
          "to https://gloss.example:8/login?a=b", "hashiya server set https://gloss.example:8\n",
        ])
      try sync(
        layla,
        answeredBy: answer(
          "200 OK",
          ["Content-Type: application/vnd.hashiya.exchange", "Content-Encoding: gzip"], "\u{1F}x"),
        says: ["compressed", "gzip", "proxy"])
      try sync(
        layla, answeredBy: answer("200 OK", ["Content-Type: application/json"], "{}"),
        says: ["no Hashiya server", "application/json"])
      try sync(
        layla, answeredBy: answer("200 OK", [], "hello"),
        says: ["no Hashiya server", "without a type"])
      #expect(try layla.digest() == digest)
      try layla("server", "set", team.server.url)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `nobody at the address is told so, with the address`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let outcome = try team.layla.run(["sync"])
      #expect(outcome.code == 69, "\(outcome)")
      expectSays(outcome, ["nobody answers at \(team.server.url)"])
      #expect(!outcome.messages.contains("errno"), "\(outcome)")
    }
  }

  @Test func `a revocation that somebody made up is forgotten when the server answers again`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let url = try #require(try team.layla.json("server", "show")["url"]?.text)
      let stranger = try ScriptedServer(answers: [
        ScriptedServer.answer(
          "403 Forbidden", json: #"{"code":"revoked","detail":"This replica was revoked."}"#)
      ])
      try team.layla("server", "set", stranger.url)
      #expect(try team.layla.run(["sync"]).code == 77)
      #expect(try team.layla.json("status")["revoked"]?.bool == true)
      try team.layla("server", "set", url)
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
      #expect(try team.layla.json("status")["revoked"]?.bool == false)
      withExtendedLifetime(stranger) {}
    }
  }

  @Test func `a proxy that stands alone is told as busy, not as a lie`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let stranger = try ScriptedServer(answers: [
        answer("502 Bad Gateway", ["Content-Type: text/html"], "<title>502</title>")
      ])
      try team.layla("server", "set", stranger.url)
      let outcome = try team.layla.run(["sync"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["502"])
      withExtendedLifetime(stranger) {}
    }
  }
}
