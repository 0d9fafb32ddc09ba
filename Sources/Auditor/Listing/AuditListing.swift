import MergeCore
import SwiftProtobuf
package import SyncProtocol
package import WorkspaceStore

/// One leaf as `audit list` shows it.
package struct AuditListing: Hashable, Sendable {
  package var index: UInt64
  package var leaf: Leaf
  /// The author's name in the membership that was given; the beginning of the replica's id where it
  /// is unknown there.
  package var analyst: String
  /// Whom or what a membership act concerns, by name; nil for edits.
  package var subject: String?

  /// Reads a stored leaf.
  ///
  /// - Parameter membership: any later state of the log's; people do not leave it.
  package init(_ stored: StoredLeaf, membership: MembershipState) throws(StoreFailure) {
    guard let leaf = Leaf(encoded: stored.leafBytes), let replica = ReplicaID(hex: leaf.replica)
    else { throw .corrupt("leaf \(stored.index) does not decode") }
    index = stored.index
    self.leaf = leaf
    analyst = membership.analyst(of: replica)
    if leaf.type != .edit { subject = Self.subject(of: stored, by: replica, membership) }
  }

  private static func subject(
    of stored: StoredLeaf, by replica: ReplicaID, _ membership: MembershipState
  ) -> String? {
    guard let batch = try? WireBatch(serializedBytes: stored.batchBytes),
      let first = batch.changes.first,
      let skeleton = try? WireSkeleton(serializedBytes: first.skeleton)
    else { return nil }
    return membership.subject(of: skeleton.act, by: replica)
  }

  /// The shape of an element of `audit list --json` (`Protocol/command-line.md`).
  package var json: AuditValue { .object(members) }

  var members: [AuditMember] {
    [
      AuditMember("index", AuditValue(index)), AuditMember("time", .text(leaf.time)),
      AuditMember("type", .text(leaf.type.listed)), AuditMember("analyst", .text(analyst)),
      AuditMember("replica", .text(leaf.replica)), AuditMember("first", AuditValue(leaf.first)),
      AuditMember("last", AuditValue(leaf.last)), AuditMember("changes", .number(leaf.changes)),
      AuditMember("concurrent", .number(leaf.concurrent)),
      AuditMember("conflicts_opened", .number(leaf.conflictsOpened)),
      AuditMember("conflicts_closed", .number(leaf.conflictsClosed)),
      AuditMember("batch", .text(leaf.batch)), AuditMember("report", .text(leaf.report)),
      AuditMember("state_digest", .text(leaf.stateDigest)),
      AuditMember("act", leaf.type == .edit ? .null : .text(leaf.type.rawValue)),
      AuditMember("subject", AuditValue(subject)),
    ]
  }

  /// The headings of a table of leaves; ``cells`` has one cell for each.
  package static let headings = [
    "leaf", "time", "analyst", "type", "changes", "concurrent", "opened", "closed", "about",
  ]

  /// The cells of the leaf's line; the analyst's name is somebody else's text.
  package var cells: [String] {
    [
      String(index), leaf.time, analyst, leaf.type.rawValue, String(leaf.changes),
      String(leaf.concurrent), String(leaf.conflictsOpened), String(leaf.conflictsClosed),
      subject ?? "",
    ]
  }
}

extension LeafType {
  /// The type as lists group it: whatever changes who belongs, other than joining, is `member`.
  var listed: String {
    switch self {
    case .genesis: "genesis"
    case .enrol: "enrol"
    case .invite, .uninvite, .role, .rename, .revoke: "member"
    case .edit: "edit"
    }
  }
}
