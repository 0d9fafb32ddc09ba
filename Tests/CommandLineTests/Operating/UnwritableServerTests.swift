import Foundation
import SimulationKit
import Testing

/// A server's data folder that may only be read: the operator's reading commands show everything in it,
/// also what a killed server left in the WAL alone.
@Suite(.enabled(if: PrivateMount.isAllowed, "this machine lets nobody mount a file system"))
struct UnwritableServerTests {
  /// Everything of the operator's that reads; with what it prints.
  private static let readings: [[String]] = [
    ["status"], ["status", "--json"], ["workspace", "list"], ["audit", "list"],
    ["audit", "show", "1"], ["audit", "verify"], ["doctor"], ["workspace", "code", "empty"],
  ]

  /// A server that was killed with work in its WAL alone, and a copy of its data folder, which shows what
  /// the folder itself has to show.
  private func play(_ body: (Team, _ copy: String) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      _ = try team.server.createWorkspace("empty")
      try team.layla.annotate("fox", as: "fox")
      try team.layla("sync")
      team.server.kill()
      let log = team.server.log
      #expect(try fileBytes(log + "-wal").count > 0)
      try FileManager.default.removeItem(atPath: log + "-shm")
      let copy = scene.folder + "/copy"
      try scene.copy(team.server.data, to: copy)
      try body(team, copy)
    }
  }

  private func run(_ arguments: [String], on data: String, _ team: Team) throws -> ProcessOutcome {
    try ChildProcess(
      ProcessLaunch(
        executable: Programs.server, arguments: named(arguments, team) + ["--data", data],
        environment: team.server.machine.environment, directory: team.scene.folder)
    ).wait()
  }

  /// Where there are two slots, audits name one.
  private func named(_ arguments: [String], _ team: Team) -> [String] {
    arguments[0] == "audit" ? arguments + ["--workspace", "press"] : arguments
  }

  private func runReadOnly(_ arguments: [String], _ team: Team) throws -> ProcessOutcome {
    let script = """
      mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"
      """
    let data = team.server.data
    return try ChildProcess(
      PrivateMount.launch(
        script, [data, Programs.server] + named(arguments, team) + ["--data", data],
        team.server.machine.environment, team.scene.folder)
    ).wait()
  }

  private func runOnFilledDisk(_ arguments: [String], _ team: Team) throws -> ProcessOutcome {
    let disk = try team.scene.makeFolder("full-disk")
    let script = """
      mount -t tmpfs -o size=16m none "$0" && cp -r "$1" "$0/data" &&
      { cat /dev/zero > "$0/filler" 2>/dev/null; shift; exec "$@" --data "$0/data"; }
      """
    return try ChildProcess(
      PrivateMount.launch(
        script, [disk, team.server.data, Programs.server] + named(arguments, team),
        team.server.machine.environment, team.scene.folder)
    ).wait()
  }

  @Test func `every reading command shows there what it shows elsewhere`() throws {
    try play { team, copy in
      for arguments in Self.readings {
        let expected = try run(arguments, on: copy, team)
        #expect(expected.isSuccess, "\(expected)")
        for shown in try [runReadOnly(arguments, team), runOnFilledDisk(arguments, team)] {
          #expect(shown.isSuccess, "\(shown)")
          #expect(shown.outputBytes == expected.outputBytes, "\(shown)\n\(expected)")
        }
      }
      #expect(try runReadOnly(["clock"], team).isSuccess)
    }
  }

  @Test func `a backup is made there too, and restores whole`() throws {
    try play { team, copy in
      let file = team.scene.folder + "/rescue.tar"
      let made = try runReadOnly(["backup", "create", file], team)
      #expect(made.isSuccess, "\(made)")
      let digest = try team.server.digest()
      try FileManager.default.removeItem(atPath: team.server.data)
      try team.server.run(["backup", "restore", file]).successful()
      #expect(try team.server.digest() == digest)
    }
  }

  @Test func `what writes is refused there, and says why`() throws {
    try play { team, copy in
      try team.layla.annotate("dog", as: "dog")
      let bundle = team.scene.folder + "/layla.bundle"
      try team.layla("sync", "bundle", "create", bundle)
      for (code, arguments) in [
        (74, ["serve", "--port", "0"]), (73, ["workspace", "create", "more"]),
        (73, ["clock", "confirm"]), (74, ["bundle", "apply", bundle, "--workspace", "press"]),
      ] as [(Int32, [String])] {
        let outcome = try runReadOnly(arguments, team)
        #expect(outcome.code == code, "\(outcome)")
        expectSays(outcome, ["ead-only file system"])
      }
    }
  }

  @Test(.enabled(if: OtherUser.isAllowed, "only root can become another user"))
  func `to somebody else it is not theirs, and whose it is`() throws {
    try play { team, copy in
      for path in [team.scene.folder, team.server.data] {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      }
      for arguments in [["status"], ["doctor"], ["audit", "list"], ["workspace", "list"]] {
        let outcome = try ChildProcess(
          OtherUser.launch(
            arguments + ["--data", team.server.data], team.server.machine.environment, "/",
            program: Programs.server)
        ).wait()
        #expect(outcome.code == 77, "\(outcome)")
        expectSays(outcome, ["root", "hashiya-server as root"])
      }
    }
  }
}
