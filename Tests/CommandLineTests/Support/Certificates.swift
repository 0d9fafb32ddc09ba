import Foundation
import SimulationKit

/// An authority of a scene's own, and certificates that it signs for 127.0.0.1; needs `openssl`.
struct TestAuthority {
  /// The authority's certificate, in PEM.
  let file: String
  private let folder: String
  private let machine: Computer

  init(_ scene: Scene, _ name: String = "authority") throws {
    machine = try scene.analyst("openssl").machine
    folder = try scene.makeFolder(name)
    file = folder + "/ca.pem"
    let configuration = """
      [ca]
      default_ca = own
      [own]
      database = index.txt
      new_certs_dir = .
      rand_serial = yes
      default_md = sha256
      policy = names
      unique_subject = no
      [names]
      commonName = supplied
      """
    try scene.write(configuration.utf8, to: "\(name)/ca.cnf")
    try scene.write([], to: "\(name)/index.txt")
    try openSSL(
      ["req", "-x509"] + Self.newKey + [
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "9", "-subj", "/CN=Test authority",
      ])
  }

  /// A certificate and its key; by default for 127.0.0.1 and from yesterday to next year.
  ///
  /// - Parameters:
  ///   - name: as in `subjectAltName`.
  ///   - dates: from and to, as `YYYYMMDDHHMMSSZ`.
  func certificate(
    for name: String = "IP:127.0.0.1", _ dates: (String, String)? = nil
  ) throws -> (certificate: String, key: String) {
    let file = UUID().uuidString
    try openSSL(
      ["req"] + Self.newKey + ["-keyout", "\(file).key", "-out", "\(file).csr", "-subj", "/CN=x"])
    try Data("subjectAltName=\(name)\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/\(file).ext"))
    try openSSL(
      [
        "ca", "-config", "ca.cnf", "-batch", "-in", "\(file).csr", "-cert", "ca.pem", "-keyfile",
        "ca.key", "-extfile", "\(file).ext", "-out", "\(file).pem", "-notext",
      ] + (dates.map { ["-startdate", $0.0, "-enddate", $0.1] } ?? ["-days", "9"]))
    return ("\(folder)/\(file).pem", "\(folder)/\(file).key")
  }

  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
  ]

  private func openSSL(_ arguments: [String]) throws {
    try ChildProcess(
      ProcessLaunch(
        executable: "/usr/bin/openssl", arguments: arguments, environment: machine.environment,
        directory: folder)
    ).wait().successful()
  }
}

/// A server with TLS, and Layla who has yet to publish there.
struct EncryptedServer {
  let layla: Analyst
  let url: String
  let claim: String
  private let scene: Scene
  private let data: String
  private let machine: Computer
  private let port: Int

  init(_ scene: Scene) throws {
    self.scene = scene
    port = try FreePort.next()
    data = scene.folder + "/encrypted"
    url = "https://127.0.0.1:\(port)"
    machine = try scene.analyst("operator").machine
    layla = try scene.analyst("layla")
    try layla("init", "--analyst", "layla")
    let init0 = ["init", "--origin", "tls.example/log", "--url", url]
    try Self.start(init0, data, machine, scene).wait().successful()
    let slot = try Self.start(["workspace", "create", "press"], data, machine, scene).wait()
      .successful().json()
    guard let code = slot["code"]?.text else { throw ProcessFailure("there is no code") }
    claim = code
  }

  private static func start(
    _ arguments: [String], _ data: String, _ machine: Computer, _ scene: Scene
  ) throws -> ChildProcess {
    try ChildProcess(
      ProcessLaunch(
        executable: Programs.server, arguments: arguments + ["--data", data, "--json"],
        environment: machine.environment, directory: scene.folder))
  }

  /// Serves with a certificate while `body` runs.
  @discardableResult
  func serving<Result>(
    _ files: (certificate: String, key: String), _ body: () throws -> Result
  ) throws -> Result {
    let process = try Self.start(
      [
        "serve", "--port", "\(port)", "--tls-certificate", files.certificate, "--tls-key",
        files.key,
      ], data, machine, scene)
    defer { process.killNow() }
    _ = try process.firstLine()
    return try body()
  }
}
