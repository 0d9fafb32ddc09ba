import FoundationEssentials
import SimulationKit
import Testing

/// Serving with a certificate; needs `openssl`, which makes one.
@Suite(.enabled(if: OpenSSL.isThere, "openssl is not installed, so there is no certificate"))
struct TLSTests {
  private func play(_ body: (Scene, ServerHost, _ files: OpenSSL) throws -> Void) throws {
    try Scene.play { scene in
      try body(scene, scene.server(), OpenSSL(scene))
    }
  }

  private func serve(
    _ server: ServerHost, _ certificate: String, _ key: String, host: String = "127.0.0.1"
  ) throws -> ChildProcess {
    try ChildProcess(
      ProcessLaunch(
        executable: Programs.server,
        arguments: [
          "serve", "--data", server.data, "--host", host, "--port", "0", "--json",
          "--tls-certificate", certificate, "--tls-key", key,
        ], environment: server.machine.environment, directory: server.data))
  }

  @Test func `a certificate and its key serve HTTPS, on any address, and nothing else`() throws {
    try play { scene, server, openSSL in
      let (certificate, key) = try openSSL.makeCertificate()
      for host in ["127.0.0.1", "0.0.0.0"] {
        let process = try serve(server, certificate, key, host: host)
        defer { process.killNow() }
        let line = try JSON(parsing: Array(try process.firstLine().utf8))
        let address = try #require(line["listening"]?.text)
        #expect(address.hasPrefix("https://\(host):"))
        let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
        let answer = try openSSL.get("/health", port: port)
        #expect(answer.contains("HTTP/1.1 200"), "\(answer)")
        #expect(answer.contains("\"status\":\"ok\""), "\(answer)")
        let old = try openSSL.get("/health", port: port, options: ["-tls1_1"])
        #expect(!old.contains("HTTP/1.1 200"), "\(old)")
        let plain = try RawHTTP.exchange(
          Array("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8), port: port)
        #expect(plain?.status != 200)
        #expect(try openSSL.get("/health", port: port).contains("HTTP/1.1 200"))
        process.signal(15)
        let stopped = process.wait()
        #expect(stopped.isSuccess, "\(stopped)")
      }
    }
  }

  @Test func `a certificate that nobody vouches for is refused by the analyst's side`() throws {
    try play { scene, _, openSSL in
      let (certificate, key) = try openSSL.makeCertificate()
      let port = try FreePort.next()
      let data = scene.folder + "/encrypted"
      let url = "https://127.0.0.1:\(port)"
      let machine = try scene.analyst("operator").machine
      func run(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
          ProcessLaunch(
            executable: Programs.server, arguments: arguments + ["--data", data, "--json"],
            environment: machine.environment, directory: scene.folder))
      }
      try run(["init", "--origin", "tls.example/log", "--url", url]).wait().successful()
      let slot = try run(["workspace", "create", "press"]).wait().successful().json()
      let process = try run([
        "serve", "--port", "\(port)", "--tls-certificate", certificate, "--tls-key", key,
      ])
      defer { process.killNow() }
      _ = try process.firstLine()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let outcome = try layla.run(["publish", try #require(slot["code"]?.text)])
      #expect(outcome.code == 69, "\(outcome)")
      expectSays(outcome, [url])
      #expect(try layla.json("status")["log"]?.isNull == true)
      try expectHealthy(layla)
    }
  }

  @Test func `files that are no certificate, no key, or not of one another are refused`() throws {
    try play { scene, server, openSSL in
      let (certificate, key) = try openSSL.makeCertificate()
      let (_, otherKey) = try openSSL.makeCertificate("other")
      let text = try scene.write("no certificate\n".utf8, to: "text.pem")
      let missing = scene.folder + "/missing.pem"
      for (certificate, key, named) in [
        (missing, key, missing), (certificate, missing, missing), (text, key, text),
        (certificate, text, text), (certificate, otherKey, otherKey), (key, certificate, key),
      ] {
        let outcome = try serve(server, certificate, key).wait()
        #expect(outcome.code == 66, "\(outcome)")
        #expect(outcome.output == "")
        expectSays(outcome, [named])
      }
      for option in ["--tls-certificate", "--tls-key"] {
        let half = try server.run(["serve", "--port", "0", option, certificate])
        #expect(half.code == 64, "\(half)")
        expectSays(half, ["together"])
      }
      #expect(try server.run(["status"]).isSuccess)
    }
  }
}

/// The `openssl` program, making certificates in a scene's folder and fetching with them.
struct OpenSSL {
  private static let path = "/usr/bin/openssl"

  static let isThere = FileManager.default.isExecutableFile(atPath: path)

  private let scene: Scene
  private let machine: Computer

  init(_ scene: Scene) throws {
    self.scene = scene
    machine = try scene.analyst("openssl").machine
  }

  private func run(_ arguments: [String], input: String = "") throws -> ProcessOutcome {
    try ChildProcess(
      ProcessLaunch(
        executable: Self.path, arguments: arguments, environment: machine.environment,
        directory: scene.folder, input: Array(input.utf8))
    ).wait()
  }

  /// A certificate for 127.0.0.1 that vouches for itself, and its key.
  func makeCertificate(_ name: String = "server") throws -> (certificate: String, key: String) {
    let (certificate, key) = (scene.folder + "/\(name).pem", scene.folder + "/\(name).key")
    try run([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
      "subjectAltName=IP:127.0.0.1",
    ]).successful()
    return (certificate, key)
  }

  /// The answer to a GET over TLS, and whatever `openssl` says when there is none.
  func get(_ path: String, port: Int, options: [String] = []) throws -> String {
    let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    let outcome = try run(
      ["s_client", "-connect", "127.0.0.1:\(port)", "-quiet", "-ign_eof"] + options,
      input: request)
    return outcome.output + outcome.messages
  }
}
