import AnnotationModel
package import MergeCore
import SyncProtocol
import TransparencyLog
package import WorkspaceStore

/// Re-executes a whole log, and compares everything that it states with what comes out.
///
/// The log is copied leaf by leaf into a fresh file of the auditor's own, so that nothing of the
/// audited one but its leaves, batches and checkpoints is believed. Memory is bounded; the file is as
/// large as the log and is deleted afterwards.
package struct LogAuditor: Sendable {
  private let source: LogDatabase
  private let pins: AuditPins
  private let schema: Schema

  /// - Parameter pins: what is known from elsewhere; otherwise what the file names counts.
  package init(
    source: LogDatabase, pins: AuditPins = AuditPins(), schema: Schema = AnnotationSchema.schema
  ) {
    self.source = source
    self.pins = pins
    self.schema = schema
  }

  /// Audits the log as it stands now; what is appended meanwhile is left for another time.
  ///
  /// Linear in the log. What differs, and a damaged file, is a result; throws ``StoreFailure`` only
  /// when the audit itself cannot be made.
  ///
  /// - Parameter progress: is told how many leaves of how many are done.
  package func audit(
    progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(StoreFailure) -> AuditResult {
    do {
      let folder = try PrivateFolder(for: "audit", bytes: source.byteCount)
      defer { folder.remove() }
      let copy = try LogDatabase(path: folder.path + "/replay.sqlite")
      // Closing can fail only by not deleting what the folder's removal deletes.
      defer { try? copy.close() }
      return try audit(against: copy, progress)
    } catch {
      throw StoreFailure(error)
    }
  }

  private func audit(
    against copy: LogDatabase, _ progress: (UInt64, UInt64) -> Void
  ) throws -> AuditResult {
    var result: AuditResult?
    do {
      try source.read { db in
        let stated = try LogReader(unverified: db)
        var run = AuditRun(
          source: stated, pins: pins.completed(by: stated), copy: copy,
          replay: LeafReplay(schema: schema), schemaProblem: { try source.schemaProblem(in: db) })
        result = try run.execute(progress: progress)
      }
    } catch {
      // A damaged file may fail even the end of the transaction that it was read in.
      return try result ?? damaged(error)
    }
    guard let result else { preconditionFailure("the transaction ran") }
    return result
  }

  private func damaged(_ error: any Error) throws -> AuditResult {
    guard case .corrupt(let what) = StoreFailure(error) else { throw error }
    return AuditResult(
      verified: false, size: 0, root: MerkleTree.emptyRoot.base64,
      reason: "the file is damaged: \(what)", workspace: pins.workspace?.hex,
      logKey: pins.logKey)
  }
}
