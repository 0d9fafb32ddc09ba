package import TransparencyLog

/// What auditing a log came to.
package struct AuditResult: Hashable, Sendable {
  /// Whether every leaf, decision, digest, root and checkpoint is what replay gives.
  package var verified: Bool
  /// The leaves that the log says it has.
  package var size: UInt64
  /// The root over the leaves that were re-executed without a difference, base64; over all of them
  /// when ``verified``.
  package var root: String
  /// The first leaf that differs; nil when all is well, and when what differs is no leaf.
  package var firstBadLeaf: UInt64?
  /// What differs, in words: whose change of what, and how; nil when all is well.
  package var reason: String?
  /// What to know although nothing differs; nil when there is nothing.
  package var notice: String?
  /// The workspace that was checked against, hexadecimal; nil where neither file nor pins name one.
  package var workspace: String?
  /// The vkey that checkpoints were checked against, whose name is the log's origin; nil likewise.
  package var logKey: VerifierKey?

  package init(
    verified: Bool, size: UInt64, root: String, firstBadLeaf: UInt64? = nil, reason: String? = nil,
    notice: String? = nil, workspace: String? = nil, logKey: VerifierKey? = nil
  ) {
    self.workspace = workspace
    self.logKey = logKey
    self.verified = verified
    self.size = size
    self.root = root
    self.firstBadLeaf = firstBadLeaf
    self.reason = reason
    self.notice = notice
  }
}

extension AuditResult {
  /// The log's name, as its key bears it.
  package var origin: String? { logKey?.name.text }
  /// The log's key as a vkey.
  package var key: String? { logKey?.text }
}

/// What ends an audit: the first thing that differs.
struct AuditFinding: Error {
  /// Nil when it is no leaf.
  var leaf: UInt64?
  var reason: String

  /// At a leaf, with whose change of what it is.
  init(leaf: UInt64, _ subject: String?, _ what: String) {
    self.leaf = leaf
    let whose = subject.map { "\($0): " } ?? ""
    reason = "leaf \(leaf): \(whose)\(what)"
  }

  /// Anywhere else.
  init(_ reason: String) { self.reason = reason }
}
