import Foundation
import SimulationKit

/// Mounts that one process sees and that end with it; needs `unshare` and the right to mount.
enum PrivateMount {
  static let isAllowed = run("mount -t tmpfs none /mnt")?.isSuccess == true

  private static let unshare = "/usr/bin/unshare"

  private static func run(_ script: String) -> ProcessOutcome? {
    try? ChildProcess(launch(script, [], [:], "/")).wait()
  }

  /// A shell that has mounts of its own, and runs `script` with arguments.
  static func launch(
    _ script: String, _ arguments: [String], _ environment: [String: String],
    _ directory: String
  ) -> ProcessLaunch {
    // Who is not root becomes it in a namespace of users, where the system allows that.
    let flags = geteuid() == 0 ? "-m" : "-rm"
    return ProcessLaunch(
      executable: unshare, arguments: [flags, "/bin/sh", "-c", script] + arguments,
      environment: environment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
      directory: directory)
  }
}

extension Analyst {
  /// Runs `hashiya` where this analyst's store lies on a read-only file system.
  func runReadOnly(_ arguments: [String], directory: String? = nil) throws -> ProcessOutcome {
    let script = """
      mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"
      """
    return try ChildProcess(
      PrivateMount.launch(
        script, [store, Programs.hashiya] + arguments + ["--store", store], machine.environment,
        directory ?? machine.folder)
    ).wait()
  }

  /// Runs `hashiya` on a copy of this store that lies, without the file that SQLite keeps beside a
  /// WAL, on a disk of its own which is full to the last byte.
  func runOnFilledDisk(_ arguments: [String]) throws -> ProcessOutcome {
    let disk = try scene.makeFolder("full-disk")
    let script = """
      mount -t tmpfs -o size=16m none "$0" && cp -r "$1" "$0/.hashiya" &&
      rm -f "$0/.hashiya/store.sqlite-shm" &&
      { cat /dev/zero > "$0/filler" 2>/dev/null; shift; exec "$@" --store "$0/.hashiya"; }
      """
    return try ChildProcess(
      PrivateMount.launch(
        script, [disk, store, Programs.hashiya] + arguments, machine.environment, machine.folder)
    ).wait()
  }

  /// Copies the store as a process leaves it that was killed: what it committed is in the WAL alone,
  /// and the file beside the WAL, which only says where things are in it, is lost.
  func copyKilledStore(to other: Analyst, after work: () throws -> Void) throws {
    try SQLiteFile.whileOpen(store + "/store.sqlite") {
      try work()
      try copyStore(to: other)
    }
    try FileManager.default.removeItem(atPath: other.store + "/store.sqlite-shm")
  }
}

/// Another user, whom only root can become; needs `setpriv`.
enum OtherUser {
  static let isAllowed =
    geteuid() == 0 && (try? ChildProcess(launch(["--version"], [:], "/")).wait().isSuccess) == true

  /// A program, `hashiya` unless another is named, as the user nobody.
  static func launch(
    _ arguments: [String], _ environment: [String: String], _ directory: String,
    program: String = Programs.hashiya
  ) -> ProcessLaunch {
    ProcessLaunch(
      executable: "/usr/bin/setpriv",
      arguments: ["--reuid=65534", "--regid=65534", "--clear-groups", program] + arguments,
      environment: environment, directory: directory)
  }
}
