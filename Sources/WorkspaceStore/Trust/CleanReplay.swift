import AnnotationModel
import FoundationEssentials
import SyncProtocol

/// The log replayed from leaves and batches alone, in a file of its own that is deleted afterwards.
///
/// A store whose own rows are damaged sees a true leaf as a false one. Before anybody is accused, the
/// refused leaf is replayed on what the log itself comes to. Linear in the log, and so rare.
struct CleanReplay {
  private let source: LogDatabase
  private let replay = LeafReplay(schema: AnnotationSchema.schema)

  private static let pageLeaves = 256
  private static let pageBytes = 4 << 20

  init(_ source: LogDatabase) { self.source = source }

  /// Whether the leaf is false on the leaves before it as well, and not only on the rows here.
  ///
  /// - Parameter entries: what came, the refused leaf included.
  func refuses(_ leaf: UInt64, of entries: [ReceivedEntry]) throws -> Bool {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "hashiya-replay-\(UUID().uuidString)"
    ).path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    // What cannot be removed is the system's to clean up.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let copy = try LogDatabase(path: folder + "/replay.sqlite")
    defer { try? copy.close() }
    do {
      try followOwn(upTo: entries.first?.index ?? 0, into: copy)
    } catch is LeafMismatch {
      return false
    }
    return try copy.write { db in
      var writer = try LogWriter(unsigned: db)
      for entry in entries.prefix(while: { $0.index <= leaf }) {
        do {
          try writer.append(
            replay.follow(leafBytes: entry.leaf, batch: entry.batch, at: writer.reader))
        } catch is LeafMismatch {
          return entry.index == leaf
        }
      }
      return false
    }
  }

  /// Follows the leaves here, each against its hash in the tree, of which the signed root is known.
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
            replay.follow(
              leafBytes: leaf.leafBytes, batch: leaf.batchBytes, at: writer.reader))
        }
      }
      followed += UInt64(leaves.count)
    }
  }
}
