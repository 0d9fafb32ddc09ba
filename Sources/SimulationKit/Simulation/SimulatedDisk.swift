import FoundationEssentials

/// Folders of a simulation, gone when it ends.
///
/// In memory where the system has a folder for that: a simulation cuts no power, so nothing depends
/// on what survives it.
package final class SimulatedDisk {
  package let path: String

  package init() throws {
    let shared = "/dev/shm"
    let base =
      FileManager.default.isWritableFile(atPath: shared)
      ? shared : FileManager.default.temporaryDirectory.path
    path = base + "/hashiya-simulation-" + UUID().uuidString.lowercased()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a folder or file here.
  package func folder(_ name: String) -> String { path + "/" + name }

  /// Copies a folder, replacing what stands at its destination; what is not there makes an empty one.
  package func copy(_ source: String, to destination: String) throws {
    let files = FileManager.default
    if files.fileExists(atPath: destination) { try files.removeItem(atPath: destination) }
    if files.fileExists(atPath: source) {
      try files.copyItem(atPath: source, toPath: destination)
    } else {
      try files.createDirectory(atPath: destination, withIntermediateDirectories: true)
    }
  }
}
