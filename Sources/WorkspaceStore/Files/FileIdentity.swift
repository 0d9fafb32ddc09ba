import FoundationEssentials

/// Which file stands at a path: a path may come to name another file while the first is still open.
struct FileIdentity: Hashable, Sendable {
  private let device: Int
  private let node: Int

  /// Nil where there is no file.
  init?(_ path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let device = attributes[.systemNumber] as? Int,
      let node = attributes[.systemFileNumber] as? Int
    else { return nil }
    self.device = device
    self.node = node
  }
}
