import Foundation
import SimulationKit
import Testing

/// The examples of `Protocol/operating` with the real programs, on loopback ports and without TLS.
@Suite struct ReverseProxyTests {
  private static func example(_ name: String) throws -> String {
    try String(contentsOfFile: Programs.repository + "/Protocol/operating/" + name, encoding: .utf8)
  }

  private static func isThere(_ program: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: program)
  }

  /// A team whose codes name the proxy's port; everything goes through it, 3 MB of notes included.
  private func play(_ start: (Scene, _ port: Int, _ server: Int) throws -> ChildProcess) throws {
    try Scene.play { scene in
      let port = try FreePort.next()
      let server = try scene.server(publicPort: port)
      let claim = try server.createWorkspace()
      try server.start(["--metrics-port", "\(FreePort.next())"])
      let proxy = try start(scene, port, server.port)
      defer { proxy.killNow() }
      guard try RawHTTP.waitForAnswer(port: port) else {
        Issue.record("the proxy does not answer: \(proxy.killNow())")
        return
      }
      #expect(try RawHTTP.request("GET", "/ready", port: port).status == 200)
      #expect(try RawHTTP.request("GET", "/metrics", port: port).status == 404)
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("publish", claim)
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla))
      let note = String(repeating: "a long note ", count: 5_000)
      for number in 0..<50 {
        try layla(
          "annotate", Team.article, "--quote", "quick", "--label", "claim", "--id", "n\(number)",
          "--note", note)
      }
      try layla("sync")
      try omar("sync")
      #expect(try omar.digest() == layla.digest())
      #expect(try omar.annotationIDs().count == 50)
    }
  }

  @Test(
    "analysts sync through nginx as the example sets it up",
    .enabled(if: isThere("/usr/sbin/nginx"), "nginx is not installed"))
  func nginx() throws {
    try play { scene, port, server in
      let site = try Self.example("nginx.conf")
        .replacing("listen 443 ssl;", with: "listen 127.0.0.1:\(port);")
        .replacing("127.0.0.1:7420", with: "127.0.0.1:\(server)")
        .split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.contains("ssl_certificate") }.joined(separator: "\n")
      let folder = try scene.makeFolder("nginx")
      let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: "\n")
      let configuration = try scene.write(
        Array(
          """
          daemon off;
          master_process off;
          pid \(folder)/pid;
          error_log stderr;
          events {}
          http {
          access_log off;
          \(temporary)
          \(site)
          }
          """.utf8), to: "nginx/nginx.conf")
      return try ChildProcess(
        ProcessLaunch(
          executable: "/usr/sbin/nginx", arguments: ["-p", folder, "-c", configuration],
          environment: scene.machine("proxy").environment, directory: folder))
    }
  }

  @Test(
    "analysts sync through Caddy as the example sets it up",
    .enabled(if: isThere("/usr/bin/caddy"), "caddy is not installed"))
  func caddy() throws {
    try play { scene, port, server in
      let site = try Self.example("Caddyfile")
        .replacing("\nsync.example.org {", with: "\nhttp://127.0.0.1:\(port) {")
        .replacing("127.0.0.1:7420", with: "127.0.0.1:\(server)")
      let folder = try scene.makeFolder("caddy")
      let configuration = try scene.write(
        Array(("{\n\tadmin off\n}\n" + site).utf8), to: "caddy/Caddyfile")
      let machine = scene.machine("proxy")
      return try ChildProcess(
        ProcessLaunch(
          executable: "/usr/bin/caddy",
          arguments: ["run", "--config", configuration, "--adapter", "caddyfile"],
          environment: machine.environment.merging(["XDG_DATA_HOME": folder]) { _, new in new },
          directory: folder))
    }
  }
}
