import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

/// Checks what the store keeps beside log and pending work.
///
/// That is settings, ids of scripts, refused changes and mail. Whether rows are as they were written is
/// their seals' matter; here is what they mean.
struct KeptExaminer {
  let db: Database

  func settings() throws -> String? {
    for name in try String.fetchAll(db, sql: "SELECT name FROM setting ORDER BY name") {
      guard let setting = Setting(rawValue: name) else { return "nothing is called \(name)" }
      guard let value = try db.setting(setting) else { return "\(name) is missing" }
      if let problem = try problem(of: setting, value) { return "\(name): \(problem)" }
    }
    return nil
  }

  private func problem(of setting: Setting, _ value: String) throws -> String? {
    let log = try LogReader(unverified: db)
    switch setting {
    case .workspace:
      guard let stated = Digest256(hex: value) else { return "it is no workspace" }
      return log.workspace == nil || log.workspace == stated ? nil : "it is not the log's"
    case .lastRecord:
      return hexBytes(value).flatMap { RecordID(encoded: $0) } == nil ? "it is no record" : nil
    case .lastSync, .broughtFrom, .clockOffset:
      return Int64(value) == nil ? "it is no number" : nil
    case .largestCheckpoint:
      guard let key = log.logKey, let note = Base64.decode(value),
        (try? SignedCheckpoint(opening: note, origin: key.name.line, logKey: key)) != nil
      else { return "it is not signed by the log" }
      return nil
    default: return nil
    }
  }

  /// The records need not be there: who drops a refused change keeps its name.
  func aliases() throws -> String? {
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM alias ORDER BY name, kind, namespace")
    while let row = try rows.next() {
      let name = try row.text("name")
      let record = try row.record("record")
      guard record.kind.rawValue == UInt16(clamping: try row.number("kind")) else {
        return "\(name) names a record of another kind"
      }
    }
    return nil
  }

  func quarantine() throws -> String? {
    for row in try Quarantine(db).rows() { _ = try PendingChanges(db).decode(row.change) }
    return nil
  }

  /// What a bundle brought was checked when it came.
  func mail() throws -> String? {
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM mail ORDER BY sequence")
    while let row = try rows.next() {
      let bytes = try row.bytes("batch")
      guard DomainHash.plain(bytes) == (try row.digest("digest")),
        (try? ReceivedBatch(decoding: bytes)) != nil
      else { return "batch \(try row.number("sequence")) is none" }
    }
    return nil
  }
}
