/// What every connection of a hostile swarm does, again and again.
package struct Attack: Sendable {
  /// From where the connections come.
  package enum Sources: String, CaseIterable, Sendable {
    /// All from one address, which is nobody else's.
    case one
    /// All from the address that members have as well, as behind one router.
    case members
    /// Each from an address of its own within 127.0.0.0/8.
    case many
  }

  /// What is done with an answer.
  package enum Answer: Sendable {
    case read
    /// Read, and when the other side has ended, written on regardless.
    case outstay
    /// Left where it is, in as small a buffer as the system gives.
    case leave
  }

  package var name: String
  package var sources: Sources
  /// Sent as soon as the connection stands.
  package var first: [UInt8]
  /// Sent each time that many milliseconds have passed.
  package var drip: [UInt8]
  package var dripMilliseconds: Int
  package var answer: Answer

  package init(
    _ name: String, from sources: Sources, first: [UInt8], drip: [UInt8] = [],
    everyMilliseconds dripMilliseconds: Int = 1_000, answer: Answer = .read
  ) {
    self.name = name
    self.sources = sources
    self.first = first
    self.drip = drip
    self.dripMilliseconds = dripMilliseconds
    self.answer = answer
  }
}

extension Attack {
  private static func head(_ path: String, _ headers: [String], method: String = "POST") -> [UInt8]
  {
    Array(
      (["\(method) \(path) HTTP/1.1", "Host: x"] + headers + ["", ""])
        .joined(separator: "\r\n").utf8)
  }

  /// Connections that say nothing.
  package static func silence(_ sources: Sources) -> Attack {
    Attack("silence", from: sources, first: [])
  }

  /// Heads that come a byte at a time.
  package static func slowHeads(_ sources: Sources) -> Attack {
    Attack(
      "slow heads", from: sources, first: Array("POST /v1/workspaces/press/exc".utf8),
      drip: Array("h".utf8))
  }

  /// Bodies that come a byte at a time, of requests that somebody unknown has signed.
  package static func slowBodies(_ sources: Sources, token: String) -> Attack {
    Attack(
      "slow bodies", from: sources,
      first: head(
        "/v1/workspaces/press/exchange",
        ["Authorization: Bearer \(token)", "Content-Length: 12000000"]) + [0x80, 0x80],
      drip: [0x80])
  }

  /// Bodies that go on after they have been refused: no token, no such path, too long.
  package static func refusedBodies(
    _ sources: Sources, path: String = "/v1/workspaces/press/exchange"
  )
    -> Attack
  {
    Attack(
      "refused bodies", from: sources, first: head(path, ["Content-Length: 300000000"]),
      drip: [0], answer: .outstay)
  }

  /// A request that costs nothing, again on the same connection.
  package static func keptAlive(_ sources: Sources) -> Attack {
    let request = head("/health", [], method: "GET")
    return Attack(
      "kept alive", from: sources, first: request, drip: request, everyMilliseconds: 20_000)
  }

  /// A whole request at once, whose answer is read.
  package static func flood(_ name: String, _ sources: Sources, token: String, body: [UInt8])
    -> Attack
  {
    Attack(
      name, from: sources,
      first: head(
        "/v1/workspaces/press/exchange",
        ["Authorization: Bearer \(token)", "Content-Length: \(body.count)"]) + body)
  }

  /// Everything that the log has, asked for and not read.
  package static func unreadPulls(_ sources: Sources, token: String) -> Attack {
    // The opening of a pull from nothing.
    let body: [UInt8] = [6, 0x0A, 4, 0x08, 1, 0x10, 3]
    var attack = flood("unread pulls", sources, token: token, body: body)
    attack.answer = .leave
    return attack
  }
}
