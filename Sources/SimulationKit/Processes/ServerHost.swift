import Glibc

/// A server's data folder, and the process that serves it while it runs.
///
/// Sendable is not claimed: a scene's script starts and stops it from one thread.
package final class ServerHost {
  /// The data folder.
  package let data: String
  /// The port of 127.0.0.1 that it listens on, kept over restarts.
  package let port: Int
  /// The port in its codes: its own, or that of a relay before it.
  package let publicPort: Int
  /// Where it runs.
  package let machine: Computer
  /// The serving process; nil while stopped.
  package private(set) var process: ChildProcess?

  /// By how many seconds the wall clock of its programs is off from now on; nil leaves it alone.
  package var clockShift: Int? {
    didSet {
      guard let clockShift else { return }
      do {
        try scene.write("\(clockShift)".utf8, to: shiftFile)
      } catch {
        preconditionFailure("a scene's folder can be written: \(error)")
      }
    }
  }

  private unowned let scene: Scene

  private var shiftFile: String { "machines/\(machine.name)/clock-shift" }

  init(data: String, port: Int, publicPort: Int, machine: Computer, scene: Scene) {
    self.data = data
    self.port = port
    self.publicPort = publicPort
    self.machine = machine
    self.scene = scene
  }

  /// The address in its codes.
  package var url: String { "http://127.0.0.1:\(publicPort)" }

  /// Runs `hashiya-server` on the data folder to its end.
  @discardableResult
  package func run(_ arguments: [String], input: [UInt8] = []) throws -> ProcessOutcome {
    try launch(arguments + ["--data", data], input: input).wait()
  }

  /// Runs `hashiya-server` on another data folder to its end.
  package func runElsewhere(_ arguments: [String], data: String) throws -> ProcessOutcome {
    try launch(arguments + ["--data", data]).wait()
  }

  /// Runs `hashiya-server … --json` and reads the result; throws unless it exits with 0.
  @discardableResult
  package func json(_ arguments: String...) throws -> JSON {
    try run(arguments + ["--json"]).successful().json()
  }

  /// Makes another data folder with `init --json`.
  package func launchInit(data: String, origin: String) throws -> ProcessOutcome {
    try launch(["init", "--data", data, "--origin", origin, "--url", url, "--json"]).wait()
  }

  /// What `--version` prints.
  package func version() throws -> String {
    try launch(["--version"]).wait().successful().output
  }

  /// Starts a second process that serves, and waits for its end.
  package func serveOnce(port: Int, data: String? = nil, filesMax: Int? = nil) throws
    -> ProcessOutcome
  {
    try launch(["serve", "--port", "\(port)", "--data", data ?? self.data], filesMax: filesMax)
      .wait()
  }

  /// Makes an empty slot and returns the code that publishes into it.
  package func createWorkspace(_ name: String = "press") throws -> String {
    guard let code = try json("workspace", "create", name)["code"]?.text else {
      throw ProcessFailure("workspace create printed no code")
    }
    return code
  }

  /// Starts serving, and waits until connections are accepted.
  ///
  /// - Parameter filesMax: how many files the system lets it have open; nil for as many as here.
  @discardableResult
  package func start(_ options: [String] = [], filesMax: Int? = nil) throws -> ServerHost {
    let process = try launch(
      ["serve", "--port", "\(port)", "--data", data] + options, filesMax: filesMax)
    scene.adopt(process)
    let line = try process.firstLine()
    guard line.contains("\(port)") else {
      throw ProcessFailure("the server is ready elsewhere: \(line)\n\(process.killNow())")
    }
    self.process = process
    return self
  }

  /// Asks it to stop with SIGTERM and waits until it has; nil when it was not running.
  @discardableResult
  package func stop() -> ProcessOutcome? {
    process?.signal(SIGTERM)
    defer { process = nil }
    return process?.wait()
  }

  /// `kill -9`; nil when it was not running.
  @discardableResult
  package func kill() -> ProcessOutcome? {
    defer { process = nil }
    return process?.killNow()
  }

  /// The state digest that `status` tells of the only workspace.
  package func digest() throws -> String {
    guard let digest = try json("status")["workspaces"]?[0]?["state_digest"]?.text else {
      throw ProcessFailure("the server's status has no state digest")
    }
    return digest
  }

  private var environment: [String: String] {
    guard clockShift != nil else { return machine.environment }
    return machine.environment.merging([
      "LD_PRELOAD": Programs.wallClockShift, "WALL_CLOCK_SHIFT": scene.folder + "/" + shiftFile,
    ]) { _, new in new }
  }

  private func launch(
    _ arguments: [String], input: [UInt8] = [], filesMax: Int? = nil
  ) throws -> ChildProcess {
    let limited = filesMax.map { ["-c", "ulimit -n \($0) && exec \"$0\" \"$@\"", Programs.server] }
    return try ChildProcess(
      ProcessLaunch(
        executable: limited == nil ? Programs.server : "/bin/sh",
        arguments: (limited ?? []) + arguments, environment: environment,
        directory: scene.folder, input: input))
  }
}
