import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

/// Makes a log's tables anew from its leaves, batches and notes, by re-executing them.
///
/// Of the old file nothing else is believed, and it is only read.
struct LogRebuild {
  private let old: Database
  private let logKey: VerifierKey
  private let replay = LeafReplay(schema: AnnotationSchema.schema)

  init(of old: Database, logKey: VerifierKey) {
    self.old = old
    self.logKey = logKey
  }

  /// Fills the log's tables of `fresh`, which are empty; returns the log there.
  ///
  /// Linear in the log. Throws ``RepairRefusal`` for leaves that cannot be had from the old file.
  ///
  /// - Parameters:
  ///   - known: notes of the log from elsewhere, such as the largest that was seen.
  ///   - progress: is told how many leaves are done.
  func run(
    into fresh: Database, known: [[UInt8]] = [], progress: (UInt64) -> Void
  ) throws -> LogReader {
    var writer = try LogWriter(unsigned: fresh)
    try writer.setLogKey(logKey)
    let stored = signed(storedNotes)
    let seen = signed(known)
    let size = try wantedSize(stored, seen)
    while writer.reader.treeSize < size {
      let leaf = try leaf(at: writer.reader.treeSize, after: writer.reader)
      // Batches bring the signed notes of their contexts, on which pending work may stand too.
      let batch = leaf.judgement.batch
      if !batch.checkpoint.isEmpty {
        try writer.store(checkpoint: batch.checkpoint, ofSize: batch.header.context.treeSize)
      }
      try writer.append(leaf)
      progress(writer.reader.treeSize)
    }
    for note in stored + seen where note.checkpoint.size.rawValue <= size {
      let signed = note.checkpoint.size.rawValue
      guard try writer.reader.root(ofSize: signed).bytes == note.checkpoint.root.bytes else {
        throw RepairRefusal.otherRoot(size: signed)
      }
      try writer.store(checkpoint: note.note.encoded, ofSize: signed)
    }
    return writer.reader
  }

  /// Throws ``RepairRefusal/otherKey(_:)`` where the old file is as far as can be told the log of
  /// another key: it names one, or has notes of others alone.
  ///
  /// Made anew under a key that did not sign it, a log would lose all its checkpoints.
  func checkKey() throws {
    if let named = try? LogReader(old).logKey, named != logKey {
      throw RepairRefusal.otherKey(logKey)
    }
    let signatures = storedNotes.compactMap { try? SignedNote($0) }.flatMap(\.signatures)
    guard signatures.isEmpty || signatures.contains(where: isOwn) else {
      throw RepairRefusal.otherKey(logKey)
    }
  }

  /// Whether a signature says that it is the log's key's, which a damaged one says too.
  private func isOwn(_ signature: NoteSignature) -> Bool {
    signature.name == logKey.name && signature.keyID == logKey.id
  }

  /// The bytes of the old file's notes; a table that cannot be read has none.
  private var storedNotes: [[UInt8]] {
    let rows = (try? Row.fetchAll(old, sql: "SELECT note FROM checkpoint ORDER BY tree_size")) ?? []
    return rows.compactMap { try? $0.bytes("note") }
  }

  /// Those of some notes that the log's key signed.
  private func signed(_ notes: [[UInt8]]) -> [SignedCheckpoint] {
    notes.compactMap {
      try? SignedCheckpoint(opening: $0, origin: logKey.name.line, logKey: logKey)
    }
  }

  /// How many leaves there have to be: all that are stored, and all that a note covers which the file
  /// stored, since a log keeps none over leaves that it lacks.
  ///
  /// A note from elsewhere may be over more. It counts as far as the log's end goes, whose number may have
  /// been altered, too.
  private func wantedSize(
    _ notes: [SignedCheckpoint], _ seen: [SignedCheckpoint]
  ) throws -> UInt64 {
    let last = try Row.fetchOne(
      old, sql: "SELECT position FROM leaf ORDER BY position DESC LIMIT 1")
    let stored = try last.map { try $0.size("position") + 1 } ?? 0
    let end = (try? LogReader(unverified: old).treeSize) ?? 0
    let sizes =
      notes.map(\.checkpoint.size.rawValue)
      + seen.map(\.checkpoint.size.rawValue).filter { $0 <= max(stored, end) }
    return max(stored, sizes.max() ?? 0)
  }

  private func leaf(at index: UInt64, after reader: LogReader) throws -> ReplayedLeaf {
    let (leafBytes, batch) = try storedBytes(at: index)
    do {
      return try replay.follow(leafBytes: leafBytes, batch: batch, at: reader)
    } catch let mismatch as LeafMismatch {
      guard let leaf = try? remade(leafBytes, batch, at: index, after: reader) else {
        throw RepairRefusal.leafLost(index, "it is not what its batch comes to: \(mismatch.words)")
      }
      return leaf
    }
  }

  private func storedBytes(at index: UInt64) throws -> (leaf: [UInt8], batch: [UInt8]) {
    do {
      let row = try Row.fetchOne(
        old.cachedStatement(sql: "SELECT bytes, batch FROM leaf WHERE position = ?"),
        arguments: [Int64(position: index)])
      guard let row else { throw RepairRefusal.leafLost(index, "it is missing") }
      return (try row.bytes("bytes"), try row.bytes("batch"))
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      throw RepairRefusal.leafLost(index, what)
    }
  }

  /// A leaf whose bytes are damaged, made again from its batch.
  ///
  /// All but its time follows from that, and the time may still be readable. It has to have the hash
  /// that the tree keeps for it.
  private func remade(
    _ damaged: [UInt8], _ batch: [UInt8], at index: UInt64, after reader: LogReader
  ) throws -> ReplayedLeaf? {
    let hash = try StoredTree(db: old).readHashes([StoredHashIndex(leaf: LeafIndex(index))])
    let form = Timestamp(milliseconds: 0).text.utf8.count
    let mark = Array(#""time":""#.utf8)
    for start in damaged.indices where damaged[start...].starts(with: mark) {
      let text = String(
        decoding: damaged[start...].dropFirst(mark.count).prefix(form), as: UTF8.self)
      guard let time = Timestamp(text) else { continue }
      let made = try replay.append(
        ReceivedBatch(decoding: batch), to: reader, time: time.milliseconds)
      if case .new(let leaf) = made, [MerkleTree.leafHash(leaf.leafBytes)] == hash { return leaf }
    }
    return nil
  }
}
