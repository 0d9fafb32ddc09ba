import SimulationKit

extension Analyst {
  /// Runs `hashiya` where no file may grow beyond so many bytes: what a full disk does to it.
  func runOnFullDisk(_ arguments: [String], bytesMax: Int) throws -> ProcessOutcome {
    try ChildProcess(
      onFullDisk(Programs.hashiya, arguments, bytesMax, machine.environment, folder)
    ).wait()
  }
}

/// A launch through a shell that sets the limit of a file's size (in blocks of 512 bytes), and lets
/// writes beyond it fail instead of ending the process.
func onFullDisk(
  _ program: String, _ arguments: [String], _ bytesMax: Int, _ environment: [String: String],
  _ directory: String
) -> ProcessLaunch {
  ProcessLaunch(
    executable: "/bin/sh",
    arguments: [
      "-c", "trap '' XFSZ; ulimit -f \(bytesMax / 512); exec \"$0\" \"$@\"", program,
    ] + arguments, environment: environment, directory: directory)
}

/// Sets how many files a running process may have open.
func limitFiles(of process: ChildProcess, to count: Int, in scene: Scene) throws {
  try ChildProcess(
    ProcessLaunch(
      executable: "/usr/bin/prlimit",
      arguments: ["--pid", "\(process.id)", "--nofile=\(count):"], environment: [:],
      directory: scene.folder)
  ).wait().successful()
}
