import AnnotationModel
import MergeCore
import SyncProtocol

/// What one reader has decoded already: it lives and dies with its transaction.
package final class ReaderCache {
  /// Texts by version; what a version is never changes.
  private var texts: [Digest256: ArticleText] = [:]
  private var shownVersions: [ArticleID: TextVersion] = [:]
  private(set) var codebook: Codebook?
  private(set) var labelNames: [LabelID: String] = [:]
  private(set) var standingLabels: [LabelID: LabelID] = [:]
  private(set) var clashingLabels: Set<LabelID>?
  private(set) var handles: [RecordKind: [RecordID: String]] = [:]
  private var handleQuestions: [RecordKind: Int] = [:]
  private var analysts: [ReplicaID: String] = [:]
  private var dotPrefixes: [ReplicaID: String] = [:]

  init() {}

  func text(of version: Digest256) -> ArticleText? { texts[version] }

  func keep(_ text: ArticleText) {
    if texts.count >= Self.textCountMax { texts.removeAll() }
    texts[text.version.digest] = text
  }

  func shownVersion(of article: ArticleID) -> TextVersion? { shownVersions[article] }

  func keep(_ version: TextVersion, of article: ArticleID) { shownVersions[article] = version }

  /// Forgets what a change of an article makes stale.
  func forgetShownVersions() { shownVersions = [:] }

  func keep(_ codebook: Codebook) { self.codebook = codebook }

  func keep(_ name: String, of label: LabelID) { labelNames[label] = name }

  func keep(_ standing: LabelID, for label: LabelID) { standingLabels[label] = standing }

  /// Forgets what a change of a label makes stale.
  func forgetLabels() {
    codebook = nil
    labelNames = [:]
    standingLabels = [:]
    clashingLabels = nil
  }

  func keep(clashing labels: Set<LabelID>) { clashingLabels = labels }

  /// Counts a question, and tells whether so many were asked that all handles are worth their sort.
  func asksOftenForHandles(of kind: RecordKind) -> Bool {
    handleQuestions[kind, default: 0] += 1
    return handleQuestions[kind, default: 0] > Self.handleQuestionsMax
  }

  func keep(_ handlesByKind: [RecordKind: [RecordID: String]]) {
    handles.merge(handlesByKind) { _, new in new }
  }

  /// Forgets what a new record makes stale.
  func forgetHandles() { handles = [:] }

  /// The name of a replica's analyst, looked up once.
  func analyst(of replica: ReplicaID, find: () throws -> String) rethrows -> String {
    if let known = analysts[replica] { return known }
    let name = try find()
    analysts[replica] = name
    return name
  }

  /// What stands before the counter of a replica's dots, found once.
  func dotPrefix(of replica: ReplicaID, find: () throws -> String) rethrows -> String {
    if let known = dotPrefixes[replica] { return known }
    let prefix = try find()
    dotPrefixes[replica] = prefix
    return prefix
  }

  private static let textCountMax = 16
  private static let handleQuestionsMax = 8
}
