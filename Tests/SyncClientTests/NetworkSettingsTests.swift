import Testing

@testable import SyncClient

@Suite struct NetworkSettingsTests {
  private func choice(
    _ url: String, _ variables: [String: String]
  ) throws -> ProxyChoice? {
    let parts = try #require(ServerAddressParts(url: url))
    return try ProxyChoice(for: parts, NetworkSettings(variables: variables))
  }

  @Test func `the variable of the scheme names the proxy`() throws {
    let both = ["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2", "HTTP_PROXY": "c"]
    #expect(try choice("https://gloss.example", both)?.address == "a:1")
    #expect(try choice("http://gloss.example", both)?.address == "c:80")
    #expect(try choice("http://gloss.example", ["HTTPS_PROXY": "a:1"]) == nil)
    #expect(try choice("https://gloss.example", ["HTTPS_PROXY": ""]) == nil)
    let named = try choice("https://gloss.example", ["HTTPS_PROXY": "http://o%6D:p%40:q@[::1]:8/"])
    #expect(named == (try choice("https://gloss.example", ["HTTPS_PROXY": "om:p%40:q@[::1]:8"])))
    #expect(named?.credentials == "om:p@:q")
    #expect(named?.host == "::1")
  }

  @Test(arguments: [
    "socks5://a:1", "https://a:1", "", "a:0", "a:b", "a:99999", "http://", "[::1", "a b", "ä",
  ])
  func `a variable that names no proxy is refused`(text: String) throws {
    guard !text.isEmpty else { return }
    #expect(throws: NetworkFault.self) { try choice("https://h", ["HTTPS_PROXY": text]) }
  }

  @Test(arguments: [
    ("gloss.example", true), ("example", true), (".example", true), ("*.example", true),
    ("loss.example", false), ("gloss.example:443", true), ("gloss.example:444", false),
    ("x, GLOSS.EXAMPLE", true), ("*", true), ("", false), (",", false), ("gloss.example.", false),
  ])
  func `exceptions are hosts and domains`(exceptions: String, isExcepted: Bool) throws {
    let found = try choice(
      "https://Gloss.Example", ["HTTPS_PROXY": "p:1", "NO_PROXY": exceptions])
    #expect((found == nil) == isExcepted)
  }

  @Test func `addresses are taken apart`() throws {
    let plain = try #require(ServerAddressParts(url: "http://127.0.0.1:7420/x"))
    #expect(plain.isLoopback && !plain.isEncrypted && plain.port == 7420)
    #expect(try #require(ServerAddressParts(url: "https://[::1]")).isLoopback)
    #expect(ServerAddressParts(url: "http://127.evil.example")?.isLoopback == false)
    #expect(ServerAddressParts(url: "http://127.0.0.1@evil.example") == nil)
    #expect(ServerAddressParts(url: "file:///etc") == nil)
  }

  @Test func `a page's title is one bounded line`() {
    #expect(webPageTitle("<HTML><TITLE x=y> a\n b </TITLE>") == "a b")
    #expect(webPageTitle("<title></title>") == nil)
    #expect(webPageTitle("<title>never ends") == nil)
    #expect(webPageTitle("") == nil)
    #expect(webPageTitle("<title>" + String(repeating: "x", count: 500) + "</title>")?.count == 80)
  }
}
