import FoundationEssentials
import MergeCore
import SyncProtocol
import TransparencyLog
package import WorkspaceStore

/// One thing that `doctor` looked at.
package struct WorkspaceFinding: Hashable, Sendable {
  /// What was looked at, in a few words.
  package var check: String
  /// What is wrong; nil when all is well.
  package var problem: String?
  /// Whether a repair of the file can help.
  package var isOfFile: Bool

  /// What a check came to.
  package init(_ check: String, _ problem: String?, isOfFile: Bool = true) {
    self.check = check
    self.problem = problem
    self.isOfFile = isOfFile
  }
}

extension HostedWorkspace {
  /// Makes everything beside leaves, batches and notes anew, and signs the log's end where it was not.
  ///
  /// Throws ``RepairRefusal``; then the file is as it was.
  package func repair(progress: (UInt64) -> Void) throws -> RepairOutcome {
    let outcome = try log.repairLog(logKey: logKey, progress: progress)
    try settleNonce()
    // What keeps a log from signing keeps it from nothing that is repaired; the next check tells it.
    do { try signEnd() } catch Problem.logBehind {}
    return outcome
  }

  /// Gives a repaired file the nonce that the machine's record holds, where its own was damaged.
  ///
  /// Only where the file has all that the record says was signed; else it may be an old copy too, and
  /// the operator is asked as ever.
  private func settleNonce() throws {
    try log.write { db in
      let writer = try LogWriter(db)
      guard try writer.reader.servedNonce() == nil, let record = try signingRecord(),
        let signed = record.signed?.prefix, signed.size <= writer.reader.treeSize,
        try writer.reader.root(ofSize: signed.size) == signed.root,
        let nonce = hexBytes(record.next)
      else { return }
      try writer.setServedNonce(nonce)
    }
  }

  /// Checks the file, the log's end and the folder; merges are re-executed by an audit.
  ///
  /// Linear in the stored leaves and records.
  package func check() throws(ServerFailure) -> [WorkspaceFinding] {
    var findings = [
      WorkspaceFinding("secret key is its owner's alone", keyProblem(), isOfFile: false),
      WorkspaceFinding("no leaves were lost", try lossProblem(), isOfFile: false),
    ]
    do {
      try log.read { db in
        let schema = { try self.log.schemaProblem(in: db) }
        for (name, check) in checks(of: { try LogReader(unverified: db) }, schema) {
          findings.append(WorkspaceFinding(name, try Self.problem(of: check)))
        }
      }
    } catch {
      // A damaged file may fail even the end of the transaction that it was read in.
      guard case .corrupt(let what) = StoreFailure(error) else { throw .store(StoreFailure(error)) }
      findings.append(WorkspaceFinding("log", "the file is damaged: \(what)"))
    }
    return findings
  }

  private func checks(
    of reader: @escaping () throws -> LogReader, _ schemaProblem: @escaping () throws -> String?
  ) -> [(String, () throws -> String?)] {
    [
      ("SQLite file", { try reader().integrityProblems().first }),
      (
        "the file has this program's tables, and nothing that acts by itself",
        schemaProblem
      ),
      ("every row is as it was written", { try reader().sealProblem() }),
      ("what stands beside the log", { try self.besideProblem(reader()) }),
      (
        "log key", { try reader().logKey == self.logKey ? nil : "the log names another key" }
      ),
      ("leaves and checkpoints", { try reader().treeProblem(logKey: self.logKey) }),
      ("last leaf", { try Self.lastLeafProblem(reader()) }),
      ("checkpoint of the log's end", { try self.checkpointProblem(reader()) }),
      ("state digest", { try Self.digestProblem(reader()) }),
    ]
  }

  /// Whether nonce and shown notes can be read, and the notes are the log's key's.
  private func besideProblem(_ reader: LogReader) throws -> String? {
    _ = try reader.servedNonce()
    let strange = try reader.shownNotes.all().first { shown in
      signedHere(shown.note).map { $0.size != shown.size || $0.root != shown.root } ?? true
    }
    return strange.map { "the note over \($0.size) leaves that was shown is not the log's" }
  }

  /// What a check finds; that it cannot read the file is what it finds.
  private static func problem(of check: () throws -> String?) throws -> String? {
    do {
      return try check()
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      return what
    }
  }

  private func lossProblem() throws(ServerFailure) -> String? {
    do {
      return try recoveryNeed().map { "\($0.explanation) See hashiya-server status" }
    } catch ServerFailure.damagedFile(let path, let what) {
      return "\(path) is damaged: \(what)"
    } catch let failure as ServerFailure {
      throw failure
    } catch {
      // What a damaged file lost is not known; that it is damaged is found below.
      guard case .corrupt = StoreFailure(error) else { throw .store(StoreFailure(error)) }
      return nil
    }
  }

  private func keyProblem() -> String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path + "/log.skey")
    guard let modes = attributes?[.posixPermissions] as? Int else { return "log.skey is missing" }
    if let strangeKey {
      return "log.skey is the key of another log, \(strangeKey.name.text): bring this one's back"
    }
    guard signer != nil else { return "log.skey is no key: bring it back from where it is kept" }
    return modes & 0o077 == 0 ? nil : "others may read log.skey: chmod 600 it"
  }

  private static func lastLeafProblem(_ reader: LogReader) throws -> String? {
    guard reader.treeSize > 0, let last = try reader.leaf(at: reader.treeSize - 1) else {
      return nil
    }
    let stated = Leaf(encoded: last.leafBytes)?.stateDigest
    return stated.flatMap { Digest256(hex: $0) } == reader.stateDigest
      ? nil : "the last leaf states another state digest than the one stored"
  }

  private func checkpointProblem(_ reader: LogReader) throws -> String? {
    guard reader.treeSize > 0 else { return nil }
    guard let stored = try reader.checkpoint(ofAtMost: reader.treeSize),
      stored.size == reader.treeSize
    else { return "it is not signed; serve signs it when it starts" }
    switch try reader.standing(ofCheckpoint: stored.note, logKey: logKey) {
    case .prefix: return nil
    case .mismatch: return "it is not signed by the log's key, or its root is not the leaves'"
    case .ahead: return "it is of more leaves than the log has"
    }
  }

  /// Sums the state digest anew over all elements of all records.
  private static func digestProblem(_ reader: LogReader) throws -> String? {
    var sum = Digest256.zero
    var last: [UInt8] = []
    while true {
      let page = try reader.records(after: last, countMax: 512)
      for (id, stored) in page {
        guard let record = RecordID(encoded: id), let state = RecordState(stored: stored) else {
          return "the record \(hexText(id)) does not decode"
        }
        for element in state.digestElements {
          sum = sum &+ DomainHash.element(element, of: record)
        }
      }
      guard let end = page.last else { break }
      last = end.id
    }
    return sum == reader.stateDigest ? nil : "it is not the sum over the records"
  }
}
