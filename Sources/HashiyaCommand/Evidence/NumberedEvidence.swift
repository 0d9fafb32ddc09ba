import ArgumentParser
import CommandLineKit
import WorkspaceStore

extension Workspace {
  /// The kept evidence of a number.
  func evidence(numbered id: Int64) throws -> KeptEvidence {
    guard let kept = try query({ try $0.evidence() }).first(where: { $0.id == id }) else {
      throw CommandFailure(
        .noInput, "no evidence has the number \(id)", remedy: "see hashiya evidence")
    }
    return kept
  }
}
