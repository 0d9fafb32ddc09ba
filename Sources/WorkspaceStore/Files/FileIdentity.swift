import FoundationEssentials

/// Which file stands at a path: a path may come to name another file while the first is still open.
package struct FileIdentity: Hashable, Sendable {
  private let device: Int
  private let node: Int

  /// Both numbers in decimal: for other processes of the same machine, until it starts anew.
  package var text: String { "\(device) \(node)" }

  /// Nil where there is no file.
  package init?(_ path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let device = attributes[.systemNumber] as? Int,
      let node = attributes[.systemFileNumber] as? Int
    else { return nil }
    self.device = device
    self.node = node
  }
}
