import Foundation
import SimulationKit
import Testing

/// Certificates of authorities of one's own, and certificates that are not believed.
@Suite(.enabled(if: OpenSSL.isThere, "openssl is not installed, so there is no certificate"))
struct CertificateTests {
  @Test func `an authority that was named once is believed from then on, and only it`() throws {
    try Scene.play { scene in
      let server = try EncryptedServer(scene)
      let authority = try TestAuthority(scene)
      let other = try TestAuthority(scene, "other")
      let layla = server.layla
      try server.serving(authority.certificate()) {
        let refused = try layla.run(["publish", server.claim, "--ca", other.file])
        #expect(refused.code == 69, "\(refused)")
        expectSays(refused, [server.url, "nobody whom this machine trusts", "--ca FILE"])
        for word in ["BoringSSL", "SSL_", "/work", ".c:", "NIO"] {
          #expect(!refused.messages.contains(word), "\(refused)")
        }
        try layla("publish", server.claim, "--ca", authority.file)
        #expect(try layla.json("sync")["in_sync"]?.bool == true)
        #expect(
          try layla.json("server", "show")["authorities"]?.text
            == String(decoding: fileBytes(authority.file), as: UTF8.self))
        // One command may say otherwise, and changes nothing for the next.
        #expect(try layla.run(["sync", "--ca", other.file]).code == 69)
        #expect(try layla.run(["sync"]).isSuccess)
        try layla("server", "set", server.url, "--system-ca")
        #expect(try layla.run(["sync"]).code == 69)
        let variable = ["SSL_CERT_FILE": authority.file]
        #expect(try layla.run(["sync"], environment: variable).isSuccess)
        try layla("server", "set", server.url, "--ca", authority.file)
        #expect(try layla.run(["sync"]).isSuccess)
      }
    }
  }

  @Test func `a certificate's fault is told in words`() throws {
    try Scene.play { scene in
      let server = try EncryptedServer(scene)
      let authority = try TestAuthority(scene)
      let faults = [
        (
          try authority.certificate(
            for: "IP:127.0.0.1", dates("20200101000000Z", "20210101000000Z")), "expired on 2021"
        ),
        (
          try authority.certificate(
            for: "IP:127.0.0.1", dates("20980101000000Z", "20990101000000Z")), "from 2098"
        ),
        (try authority.certificate(for: "DNS:gloss.example"), "for another name: gloss.example"),
      ]
      for (files, words) in faults {
        try server.serving(files) {
          let outcome = try server.layla.run(["publish", server.claim, "--ca", authority.file])
          #expect(outcome.code == 69, "\(outcome)")
          expectSays(outcome, [server.url, words])
          #expect(!outcome.messages.contains("SSL"), "\(outcome)")
        }
      }
      try server.serving(authority.certificate()) {
        try server.layla("publish", server.claim, "--ca", authority.file)
      }
    }
  }

  private func dates(_ from: String, _ to: String) -> (String, String) { (from, to) }

  @Test func `a file that holds no certificate is refused, and so is a missing one`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let text = try scene.write("no certificate\n".utf8, to: "text.pem")
      let server = try scene.server()
      let claim = try server.createWorkspace()
      try server.start()
      for file in [text, scene.folder + "/missing.pem"] {
        let outcome = try layla.run(["publish", claim, "--ca", file])
        #expect(outcome.code == 66, "\(outcome)")
        expectSays(outcome, [file])
        let variable = try layla.run(["publish", claim], environment: ["SSL_CERT_FILE": file])
        #expect(variable.code == 66, "\(variable)")
        expectSays(variable, ["SSL_CERT_FILE", file])
      }
      let large = try scene.write(
        Array(repeating: UInt8(ascii: "x"), count: (1 << 20) + 1), to: "large.pem")
      #expect(try layla.run(["publish", claim, "--ca", large]).code == 65)
      try layla("publish", claim)
    }
  }

  @Test func `a port without TLS is told`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let url = "https://127.0.0.1:\(team.server.port)"
      try team.layla("server", "set", url)
      let outcome = try team.layla.run(["sync"])
      #expect(outcome.code == 69, "\(outcome)")
      expectSays(outcome, [url, "no TLS"])
    }
  }
}
