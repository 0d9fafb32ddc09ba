import AnnotationModel
import Dispatch
package import MergeCore
import SyncProtocol
import Synchronization
package import TransparencyLog
package import WorkspaceStore

/// One workspace, opened: its log, the key that signs it, and the queues that its work is done on.
///
/// Nothing of the log is kept in memory: every step reads the database, so that a second process, such
/// as an operator applying a bundle, may append too.
package final class HostedWorkspace: Sendable {
  package let folder: WorkspaceFolder
  package let log: LogDatabase
  package let logKey: VerifierKey
  /// Nil where the log's secret key is missing or damaged, or another log's lies in its place: then
  /// nothing is signed.
  let signer: NoteSigner?
  /// The key of another log that lies in the place of this one's.
  package let strangeKey: VerifierKey?
  /// The hash of the secret that publishes into the slot.
  let claim: Digest256?
  /// Where a WAL lies now that stood beside no log; nil where there was none.
  package let setAside: String?
  let replay = LeafReplay(schema: AnnotationSchema.schema)
  /// What this machine knows of the log, outside of the data folder.
  let recordFile: SigningRecordFile
  let serving = Mutex(Serving())
  /// The workspace's identity, once it is known: a slot that is published stays so, and whatever is
  /// appended is compared with it.
  private let identity = Mutex<Digest256?>(nil)

  /// Appends, one at a time.
  let writes: WorkQueue
  /// Everything that only reads.
  let reads: WorkQueue

  package var name: String { folder.name }

  /// Opens the workspace; whoever serves it calls ``signEnd()`` next.
  ///
  /// Writes nothing, unless the log's file is missing or empty: then an empty one is made, and a WAL
  /// that lies there alone is put aside.
  ///
  /// Which key is the log's own, the log says, or else the machine's record of it; what lies in the
  /// place of its secret key has no word in that, or a file in the wrong folder would take the log over.
  ///
  /// - Parameter mayCopy: for commands that only read: they make and move nothing, so that a missing log
  ///   is ``ServerFailure/logMissing(path:leftover:)``; and where nothing can be written beside the log,
  ///   they read a private copy that is made now.
  package init(opening folder: WorkspaceFolder, mayCopy: Bool = false) throws(ServerFailure) {
    guard folder.exists else { throw .unknownWorkspace(name: folder.name) }
    self.folder = folder
    let held = try folder.signer()
    claim = try folder.claim()
    let known = folder.expectedKey(held?.verifierKey)
    setAside = mayCopy || known == nil ? nil : try folder.setOrphanedWALAside()
    do {
      log = try folder.openLog(known, mayCopy: mayCopy)
      guard let key = try folder.key(of: log) ?? known else {
        throw ServerFailure.keyUnknown(path: folder.path)
      }
      logKey = key
    } catch {
      // Whoever opens it next puts the WAL aside again, and says where.
      if let setAside { folder.putBack(setAside) }
      throw ServerFailure(error)
    }
    signer = held?.verifierKey == logKey ? held : nil
    strangeKey = signer == nil ? held?.verifierKey : nil
    recordFile = SigningRecordFile(directory: folder.state, logKey: logKey)
    writes = WorkQueue(label: "write \(folder.name)", isConcurrent: false)
    reads = WorkQueue(label: "read \(folder.name)", isConcurrent: true)
  }

  /// The identity of what was published, whether the log still has it or not; nil while the slot is
  /// empty.
  package func workspaceID() throws(StoreFailure) -> Digest256? {
    if let known = identity.withLock({ $0 }) { return known }
    do {
      let found: Digest256? = try log.read { db in
        let reader = try LogReader(unverified: db)
        // What is damaged may be repaired meanwhile, and is read again.
        if reader.treeSize > 0, let whole = try? LogReader(db).workspace {
          identity.withLock { $0 = whole }
        }
        return reader.workspace
      }
      return try found ?? folder.publishedWorkspace()
    } catch let ServerFailure.store(failure) {
      throw failure
    } catch {
      throw StoreFailure(error)
    }
  }

  /// What is damaged of the log's end and of what stands beside it, as far as every append looks; nil
  /// when that is as it was written.
  func damage() throws -> String? {
    do {
      try log.read { db in
        let reader = try LogReader(db)
        try reader.checkEnd()
        _ = try (reader.servedNonce(), reader.shownNotes.all())
      }
      return nil
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      return what
    }
  }

  /// Leaves one file behind that holds everything, and closes it; closed it is also where that fails.
  package func close() throws(StoreFailure) {
    do throws(StoreFailure) {
      try log.emptyWAL()
    } catch {
      try? log.close()
      throw error
    }
    try log.close()
  }
}

// MARK: - Signing

extension HostedWorkspace {
  /// A committed prefix of the log that is to be signed.
  package struct SignedPrefix: Hashable, Sendable {
    package var size: UInt64
    package var root: Digest256
  }

  /// Signs and stores checkpoints of prefixes that are committed, and of nothing else.
  ///
  /// A transaction of its own, after the one that appended: a signature over leaves that a power cut
  /// takes back would be a fork. Before any of these notes can be read, size and root stand durable in
  /// the machine's record. Throws ``Problem/logBehind(_:)`` when it has become known meanwhile that the
  /// log lost leaves.
  ///
  /// - Precondition: the log's end was checked when the prefixes were read.
  func sign(_ prefixes: [SignedPrefix]) throws {
    guard !prefixes.isEmpty else { return }
    guard let signer else { throw Problem.logBehind(LogBehind(need: .keyLost, sizes: nil)) }
    let notes = try prefixes.map { prefix in
      guard let root = Digest32(bytes: prefix.root.bytes) else {
        preconditionFailure("roots have 32 bytes")
      }
      let checkpoint = Checkpoint(
        origin: logKey.name.line, size: TreeSize(prefix.size), root: root)
      return (prefix.size, try SignedCheckpoint(signing: checkpoint, by: [signer]).note.encoded)
    }
    try grow { writer in
      try record(signing: prefixes, writer.reader)
      for (size, note) in notes { try writer.store(checkpoint: note, ofSize: size) }
    }
  }

  /// Signs what is committed and not signed, in steps that a receiver accepts: a crash may have come
  /// between committing and signing.
  ///
  /// A log that lost leaves signs nothing: another root of a size that it has signed would be a fork.
  func signEnd() throws {
    let missing: [SignedPrefix] = try log.read { db in
      let reader = try LogReader(unverified: db)
      guard try recoveryNeed(reader) == nil else { return [] }
      var prefixes: [SignedPrefix] = []
      var size = try reader.signedSize()
      if size < reader.treeSize { try LogReader(db).checkEnd() }
      while size < reader.treeSize {
        let leaves = try reader.leaves(
          from: size, countMax: ServerLimits.checkpointLeavesMax,
          bytesMax: ServerLimits.checkpointBytesMax)
        guard let last = leaves.last else { throw StoreFailure.corrupt("leaf \(size) is missing") }
        size = last.index + 1
        prefixes.append(SignedPrefix(size: size, root: try reader.root(ofSize: size)))
      }
      return prefixes
    }
    try sign(missing)
  }
}

extension LogReader {
  /// The size of the largest checkpoint; 0 when there is none.
  func signedSize() throws -> UInt64 { try checkpoint(ofAtMost: treeSize)?.size ?? 0 }
}

/// A queue for work that blocks, which must not be done on the threads that tasks share.
struct WorkQueue: Sendable {
  private let queue: DispatchQueue

  init(label: String, isConcurrent: Bool) {
    queue = DispatchQueue(label: label, attributes: isConcurrent ? .concurrent : [])
  }

  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}
