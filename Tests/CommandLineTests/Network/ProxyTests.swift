import Foundation
import SimulationKit
import Testing

/// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
@Suite struct ProxyTests {
  @Test func `requests go through the proxy that the environment names, but for its exceptions`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let proxy = try ProxyHost()
      let target = "127.0.0.1:\(team.server.port)"
      func sync(_ environment: [String: String]) throws -> ProcessOutcome {
        try team.layla.run(["sync"], environment: environment)
      }
      for name in ["HTTP_PROXY", "http_proxy"] {
        let before = proxy.connectTargets.count
        #expect(try sync([name: proxy.url]).isSuccess)
        #expect(proxy.connectTargets.dropFirst(before) == [target])
      }
      let passed = proxy.connectTargets.count
      for exceptions in ["127.0.0.1", "*", "example.org, 127.0.0.1:\(team.server.port)"] {
        #expect(try sync(["HTTP_PROXY": proxy.url, "NO_PROXY": exceptions]).isSuccess)
      }
      #expect(try sync(["HTTPS_PROXY": proxy.url]).isSuccess, "it is for https:// alone")
      #expect(proxy.connectTargets.count == passed)
      #expect(try sync(["HTTP_PROXY": proxy.url, "NO_PROXY": "0.0.1"]).isSuccess)
      withExtendedLifetime(proxy) {}
    }
  }

  @Test func `a proxy that is not there, wants a password, or is none, is told`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let nobody = try FreePort.next()
      let gone = try team.layla.run(
        ["sync"], environment: ["HTTP_PROXY": "http://127.0.0.1:\(nobody)"])
      #expect(gone.code == 69, "\(gone)")
      expectSays(gone, ["proxy 127.0.0.1:\(nobody)", "nobody answers"])
      let credentials = Data("omar:s%cret".utf8).base64EncodedString()
      let proxy = try ProxyHost(ProxyHost.Rule(credentials: credentials))
      let locked = try team.layla.run(["sync"], environment: ["HTTP_PROXY": proxy.url])
      #expect(locked.code == 69, "\(locked)")
      expectSays(locked, ["proxy", "name and password", "HTTPS_PROXY"])
      let named = "http://omar:s%25cret@127.0.0.1:\(proxy.port)/"
      #expect(try team.layla.run(["sync"], environment: ["HTTP_PROXY": named]).isSuccess)
      for wrong in ["socks5://127.0.0.1:1", "http://", "host:none"] {
        let outcome = try team.layla.run(["sync"], environment: ["HTTP_PROXY": wrong])
        #expect(outcome.code == 66, "\(outcome)")
        expectSays(outcome, ["HTTP_PROXY", "http://proxy.example:3128"])
      }
      withExtendedLifetime(proxy) {}
    }
  }

  @Test(.enabled(if: OpenSSL.isThere, "openssl is not installed, so there is no certificate"))
  func `TLS is end to end through a proxy, and certificates' faults are told through it`() throws {
    try Scene.play { scene in
      let server = try EncryptedServer(scene)
      let authority = try TestAuthority(scene)
      let proxy = try ProxyHost()
      let environment = ["HTTPS_PROXY": proxy.url]
      let publish = ["publish", server.claim, "--ca", authority.file]
      let old = try authority.certificate(
        for: "IP:127.0.0.1", ("20200101000000Z", "20210101000000Z"))
      try server.serving(old) {
        let outcome = try server.layla.run(publish, environment: environment)
        #expect(outcome.code == 69, "\(outcome)")
        expectSays(outcome, ["expired on 2021"])
      }
      try server.serving(authority.certificate()) {
        try server.layla.run(publish, environment: environment).successful()
      }
      #expect(proxy.connectTargets.count >= 2)
      withExtendedLifetime(proxy) {}
    }
  }
}
