import Foundation
import Glibc

/// A folder of its own in which servers, machines and analysts play, and which goes away with it.
///
/// Machines, stores and servers have names; the same name means the same folder. Sendable: all its
/// mutable state is the list of running servers, under a lock.
package final class Scene: @unchecked Sendable {
  /// The scene's folder, an absolute path.
  package let folder: String

  private let lock = NSLock()
  private var running: [ChildProcess] = []

  private init() throws {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array((base + "/hashiya-scene-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ProcessFailure("cannot make a folder in \(base)")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Plays a scene; afterwards its processes have ended and its folder is gone, whatever happened.
  package static func play<Result>(_ body: (Scene) throws -> Result) throws -> Result {
    let scene = try Scene()
    defer { scene.close() }
    return try body(scene)
  }

  /// Plays a scene whose script waits for what happens in this process.
  package static func play<Result>(_ body: (Scene) async throws -> Result) async throws -> Result {
    let scene = try Scene()
    defer { scene.close() }
    return try await body(scene)
  }

  /// A computer with a home and a state directory of its own.
  package func machine(_ name: String) -> Computer {
    Computer(name: name, folder: folder + "/machines/" + name)
  }

  /// An analyst's folder, on a machine of the analyst's own unless another is named.
  ///
  /// Nothing is made in it but the folder.
  package func analyst(_ name: String, on machine: Computer? = nil) throws -> Analyst {
    let machine = machine ?? self.machine(name)
    try machine.prepare()
    return try Analyst(
      name: name, folder: makeFolder("stores/" + machine.name + "/" + name), machine: machine,
      scene: self)
  }

  /// A server's data folder that `hashiya-server init` has made, for a port that was free.
  ///
  /// - Parameter publicPort: the port in its codes, where a relay stands before it.
  package func server(
    _ name: String = "server", origin: String = "scene.example/log", port: Int? = nil,
    publicPort: Int? = nil
  ) throws -> ServerHost {
    try machine(name).prepare()
    let port = try port ?? FreePort.next()
    let server = ServerHost(
      data: folder + "/" + name, port: port, publicPort: publicPort ?? port,
      machine: machine(name), scene: self)
    try server.run(["init", "--origin", origin, "--url", server.url]).successful()
    return server
  }

  /// A folder inside the scene's, made when it is not there.
  package func makeFolder(_ name: String) throws -> String {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Writes a file into the scene's folder and returns its path.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(
      atPath: path.parentFolder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Copies a file or folder as it is on the disk at this moment, over what was there.
  package func copy(_ source: String, to target: String) throws {
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.createDirectory(
      atPath: target.parentFolder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }

  /// Remembers a process, so that it ends with the scene.
  func adopt(_ process: ChildProcess) { lock.withLock { running.append(process) } }

  private func close() {
    for process in lock.withLock({ running }) { process.killNow() }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// The bytes of a file.
package func fileBytes(_ path: String) throws -> [UInt8] {
  try Array(Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A computer: what does not travel with a copied store.
package struct Computer: Sendable {
  /// Its name in the scene.
  package let name: String
  /// Holds `home` and `state`.
  package let folder: String

  /// `$XDG_STATE_HOME`.
  package var stateFolder: String { folder + "/state" }

  /// All that a program sees of its environment here.
  package var environment: [String: String] {
    var environment = [
      "HOME": folder + "/home", "XDG_STATE_HOME": stateFolder, "TMPDIR": folder,
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
    ]
    // Where the Swift runtime is found, when the programs do not know it themselves.
    environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
    return environment
  }

  func prepare() throws {
    for path in [folder + "/home", stateFolder] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }
}
