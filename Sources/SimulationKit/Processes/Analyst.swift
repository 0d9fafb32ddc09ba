import Foundation

/// An analyst at a folder of a machine, typing commands.
package struct Analyst: Sendable {
  /// The name in the scene.
  package let name: String
  /// The current folder; the store is its `.hashiya`.
  package let folder: String
  /// Where it is.
  package let machine: Computer
  package let scene: Scene

  /// The store's folder.
  package var store: String { folder + "/.hashiya" }

  /// Runs `hashiya` to its end.
  @discardableResult
  package func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    directory: String? = nil, seconds: Double = ProcessLimits.seconds
  ) throws -> ProcessOutcome {
    try start(arguments, input: Array(input.utf8), environment: environment, directory: directory)
      .wait(seconds: seconds)
  }

  /// Runs `hashiya` to its end; throws, with all that it printed, unless it exits with 0.
  @discardableResult
  package func callAsFunction(_ arguments: String..., input: String = "") throws -> ProcessOutcome {
    try run(arguments, input: input).successful()
  }

  /// Runs `hashiya … --json` to its end and reads the result; throws unless it exits with 0.
  @discardableResult
  package func json(_ arguments: String..., input: String = "") throws -> JSON {
    try run(arguments + ["--json"], input: input).successful().json()
  }

  /// Starts `hashiya` and does not wait.
  package func start(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:],
    directory: String? = nil
  ) throws -> ChildProcess {
    try ChildProcess(
      ProcessLaunch(
        executable: Programs.hashiya, arguments: arguments,
        environment: machine.environment.merging(environment) { _, new in new },
        directory: directory ?? folder, input: input))
  }

  /// Runs `hashiya` and kills it just before its `step`-th step on files, counted from 1; to its end
  /// where it takes fewer.
  package func run(_ arguments: [String], killedAtStep step: Int) throws -> ProcessOutcome {
    try run(
      arguments, environment: ["LD_PRELOAD": Programs.killPoint, "KILL_POINT": String(step)])
  }

  /// Copies the store as it lies on the disk, to another folder or machine, over what was there.
  package func copyStore(to other: Analyst) throws {
    try scene.copy(store, to: other.store)
  }

  /// Writes a file into the analyst's folder and returns its path.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// The state digest that `status` tells, pending work included.
  package func digest() throws -> String {
    guard let digest = try json("status")["state_digest"]?.text else {
      throw ProcessFailure("status of \(name) has no state digest")
    }
    return digest
  }
}
