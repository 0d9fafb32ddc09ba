import Foundation
import SimulationKit
import SyncServer
import Testing

/// The unit for systemd in `Protocol/operating`.
@Suite struct UnitFileTests {
  private static let analyze = "/usr/bin/systemd-analyze"

  private let text: String

  init() throws {
    text = try String(
      contentsOfFile: Programs.repository + "/Protocol/operating/hashiya-server.service",
      encoding: .utf8)
  }

  /// The value of a line `name=value`.
  private func value(_ name: String) throws -> String {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + "=") }
    return String(try #require(line).dropFirst(name.count + 1))
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: analyze), "systemd is not installed"))
  func `systemd finds nothing wrong with it`() throws {
    try Scene.play { scene in
      let program = try value("ExecStart").split(separator: " ")[0]
      func analyze(_ text: String) throws -> ProcessOutcome {
        let unit = try scene.write(
          text.replacing(program, with: Programs.server).utf8, to: "hashiya-server.service")
        return try ChildProcess(
          ProcessLaunch(
            executable: Self.analyze, arguments: ["verify", "--man=no", unit],
            environment: scene.machine("systemd").environment, directory: scene.folder)
        ).wait()
      }
      let sound = try analyze(text)
      #expect(sound.isSuccess && sound.messages.isEmpty, "\(sound)")
      let wrong = try analyze(text.replacing("Type=exec", with: "Typ=exec"))
      #expect(wrong.messages.contains("Typ"), "\(wrong)")
    }
  }

  @Test func `its command serves, keeps what was signed where systemd says, and stops in time`()
    throws
  {
    try Scene.play { scene in
      let server = try scene.server()
      let words = try value("ExecStart").split(separator: " ").dropFirst().map { word in
        switch word {
        case "/var/lib/hashiya/data": server.data
        case "7420": "\(server.port)"
        default: String(word)
        }
      }
      #expect(words.contains(server.data) && words.contains("\(server.port)"))
      let state = try scene.makeFolder("var/lib/" + value("StateDirectory"))
      let claim =
        try server.run(["workspace", "create", "press", "--json", "--state", state])
        .successful().json()["code"]?.text ?? ""
      let process = try ChildProcess(
        ProcessLaunch(
          executable: Programs.server, arguments: words,
          environment: server.machine.environment.merging(["STATE_DIRECTORY": state]) { $1 },
          directory: "/"))
      defer { process.killNow() }
      _ = try process.firstLine()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      process.signal(15)
      #expect(process.wait().isSuccess)
      #expect(try FileManager.default.contentsOfDirectory(atPath: state).isEmpty == false)
      let seconds = Int64(try value("TimeoutStopSec")) ?? 0
      #expect(seconds > ServerLimits.stopSecondsMax, "systemd kills what has not stopped by then")
    }
  }
}
