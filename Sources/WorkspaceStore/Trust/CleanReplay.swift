import AnnotationModel
import FoundationEssentials
import MergeCore
package import SyncProtocol
import TransparencyLog

/// The log replayed from leaves and batches alone, in a file of its own that is deleted afterwards.
///
/// A store whose own rows are damaged sees a true leaf as a false one. Before anybody is accused, the
/// refused leaf is replayed on what the log itself comes to. Linear in the log, and so rare.
struct CleanReplay {
  private let source: LogDatabase
  private static let replay = LeafReplay(schema: AnnotationSchema.schema)

  private static let pageLeaves = 256
  private static let pageBytes = 4 << 20

  init(_ source: LogDatabase) { self.source = source }

  /// What replaying the leaf that evidence is about comes to; nil where the leaves before it are not
  /// all here, or are others.
  ///
  /// - Parameter before: the root over the leaves before it; nil for leaf 0.
  func verdict(on evidence: FalseLeafEvidence, before: Digest32?) throws -> ReplayVerdict? {
    let isHeld = try source.read { db in
      let log = try LogReader(unverified: db)
      guard evidence.index <= log.treeSize else { return false }
      return try before == nil || log.root(ofSize: evidence.index).bytes == before?.bytes
    }
    guard isHeld else { return nil }
    return try Self.inCopy(of: source.byteCount) { copy in
      do {
        try followOwn(upTo: evidence.index, into: copy)
      } catch is LeafMismatch {
        return nil
      }
      return try copy.read { db in
        let log = try LogReader(unverified: db)
        return try evidence.replay(at: log, with: Self.replay).map { .isFalse($0) } ?? .isTrue
      }
    }
  }

  /// What replaying a leaf 0 comes to, before which there is nothing.
  ///
  /// - Parameter workspace: the one whose log it is said to begin.
  static func verdict(
    onFirstLeaf evidence: FalseLeafEvidence, of workspace: Digest256, logKey: VerifierKey
  ) throws -> ReplayVerdict {
    try inCopy(of: UInt64(evidence.batch.count)) { copy in
      try copy.write { db in
        var writer = try LogWriter(unsigned: db)
        try writer.pin(workspace: workspace)
        try writer.setLogKey(logKey)
        return try evidence.replay(at: writer.reader, with: replay).map { .isFalse($0) } ?? .isTrue
      }
    }
  }

  /// Whether the leaf is false on the leaves before it as well, and not only on the rows here.
  ///
  /// - Parameter entries: what came, the refused leaf included.
  func refuses(_ leaf: UInt64, of entries: [ReceivedEntry]) throws -> Bool {
    try Self.inCopy(of: source.byteCount) { copy in
      do {
        try followOwn(upTo: entries.first?.index ?? 0, into: copy)
      } catch is LeafMismatch {
        return false
      }
      return try follow(leaf, of: entries, into: copy)
    }
  }

  private func follow(
    _ leaf: UInt64, of entries: [ReceivedEntry], into copy: LogDatabase
  ) throws -> Bool {
    try copy.write { db in
      var writer = try LogWriter(unsigned: db)
      for entry in entries.prefix(while: { $0.index <= leaf }) {
        do {
          try writer.append(
            Self.replay.follow(leafBytes: entry.leaf, batch: entry.batch, at: writer.reader))
        } catch is LeafMismatch {
          return entry.index == leaf
        }
      }
      return false
    }
  }

  /// Runs `body` with an empty log in a file that is deleted afterwards.
  ///
  /// - Parameter bytes: what the file may come to.
  private static func inCopy<Value>(
    of bytes: UInt64, _ body: (LogDatabase) throws -> Value
  ) throws -> Value {
    let folder = try PrivateFolder(for: "replay", bytes: bytes)
    defer { folder.remove() }
    let copy = try LogDatabase(path: folder.path + "/replay.sqlite")
    defer { try? copy.close() }
    return try body(copy)
  }

  /// Follows the leaves here up to an index.
  private func followOwn(upTo end: UInt64, into copy: LogDatabase) throws {
    let (workspace, logKey) = try source.read { db in
      let log = try LogReader(unverified: db)
      return (log.workspace, log.logKey)
    }
    try copy.write { db in
      var writer = try LogWriter(unsigned: db)
      if let workspace { try writer.pin(workspace: workspace) }
      if let logKey { try writer.setLogKey(logKey) }
    }
    var followed: UInt64 = 0
    while followed < end {
      let start = followed
      let leaves = try source.read { db in
        try LogReader(unverified: db).leaves(
          from: start, countMax: Self.pageLeaves, bytesMax: Self.pageBytes)
      }.prefix { $0.index < end }
      guard !leaves.isEmpty else { throw StoreFailure.corrupt("leaf \(start) is missing") }
      try copy.write { db in
        var writer = try LogWriter(unsigned: db)
        for leaf in leaves {
          try writer.append(
            Self.replay.follow(
              leafBytes: leaf.leafBytes, batch: leaf.batchBytes, at: writer.reader))
        }
      }
      followed += UInt64(leaves.count)
    }
  }
}

/// What replaying a signed leaf on the leaves before it comes to.
package enum ReplayVerdict: Sendable {
  /// It is what its batch comes to.
  case isTrue
  /// It is not, and why.
  case isFalse(LeafMismatch)
}

extension EvidenceDocument {
  /// What replaying the leaf that it is about comes to; nil where the leaves before it are not at hand.
  ///
  /// Linear in the leaves before it. Throws ``EvidenceError`` when the document proves not even that
  /// the leaf was signed.
  ///
  /// - Parameter store: one of the workspace, if there is any.
  package func replayed(in store: Workspace?) throws -> ReplayVerdict? {
    guard case .falseLeaf(let evidence) = content, let workspace = Digest256(hex: workspace) else {
      return nil
    }
    let before = try evidence.check(logKey: logKey)
    guard evidence.index > 0 else {
      return try CleanReplay.verdict(onFirstLeaf: evidence, of: workspace, logKey: logKey)
    }
    guard let store, try store.read({ $0.log.logKey })?.text == keyText else { return nil }
    return try CleanReplay(store.logDatabase).verdict(on: evidence, before: before)
  }
}
