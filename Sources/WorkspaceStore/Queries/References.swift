import AnnotationModel
package import MergeCore

/// Why a typed reference is of no record.
package enum ReferenceError: Error, Sendable {
  case unknown(String)
  /// It may mean any of these, ascending.
  case ambiguous(String, [RecordID])
}

extension WorkspaceReader {
  /// The record of one of these kinds that a typed reference means.
  ///
  /// In this order, the first that gives anything: `@`; a whole id; a name that a script gave, in the
  /// workspace's namespace or else in any other; an article's file name or title, or a unique beginning
  /// of either; a label's name; the end of an id. Of several, the one that is not deleted counts.
  package func resolveReference(_ text: String, kinds: [RecordKind]) throws -> RecordID {
    if UTF8Text.identical(text, "@") {
      guard let last = try lastRecord(), kinds.contains(last.kind) else {
        throw ReferenceError.unknown(text)
      }
      return last
    }
    // SQLite would look for what stands before it.
    guard !text.utf8.contains(0) else { throw ReferenceError.unknown(text) }
    let stages: [() throws -> [RecordID]] = [
      { try byWholeID(text, kinds) }, { try byScriptName(text, kinds) },
      { try kinds.flatMap { try aliasesElsewhere(text, $0) } },
      { try kinds.contains(.article) ? articles(named: text) : [] },
      { try kinds.contains(.label) ? labels(named: text) : [] },
      { try byTail(text, kinds) },
    ]
    for stage in stages {
      if let record = try choose(stage(), text) { return record }
    }
    throw ReferenceError.unknown(text)
  }

  /// The record that a script's id names; nil for an article's, and an article's alias that is new.
  ///
  /// - Parameter namespace: nil for the workspace's own.
  package func record(scriptID id: String, kind: RecordKind, namespace: String?) throws
    -> RecordID?
  {
    let external = try ExternalID(id)
    guard kind != .article, kind != .label else {
      return try alias(id, kind, namespace: namespace)
    }
    let space = try namespace.map { Array($0.utf8) } ?? workspace()?.bytes ?? []
    return external.record(kind: kind, namespace: space)
  }

  /// The record that `@` means.
  package func lastRecord() throws -> RecordID? {
    try setting(.lastRecord).flatMap { hexBytes($0) }.flatMap { RecordID(encoded: $0) }
  }

  /// The workspace's identity: the log's, or the one founded or joined here.
  package func workspace() throws -> Digest256? { try PendingChanges(db).workspace(log) }

  private func choose(_ candidates: [RecordID], _ text: String) throws -> RecordID? {
    var existing: [(id: RecordID, isDeleted: Bool)] = []
    for id in Set(candidates).sorted() {
      guard let state = try state(of: id), !state.creations.isEmpty else { continue }
      existing.append((id, state.isDeleted))
    }
    let live = existing.filter { !$0.isDeleted }
    let meant = live.isEmpty ? existing : live
    guard meant.count <= 1 else { throw ReferenceError.ambiguous(text, meant.map(\.id)) }
    return meant.first?.id
  }
}

// MARK: - Stages

extension WorkspaceReader {
  private func byWholeID(_ text: String, _ kinds: [RecordKind]) throws -> [RecordID] {
    guard case .whole(let bytes) = HandleQuery(text) else { return [] }
    return kinds.compactMap { RecordID(kind: $0, bytes: bytes) }
  }

  private func byTail(_ text: String, _ kinds: [RecordKind]) throws -> [RecordID] {
    guard case .tail(let digits) = HandleQuery(text) else { return [] }
    return try ids(endingIn: digits, kinds: kinds)
  }

  /// Names work wherever they were mapped with the workspace as namespace, not only in the store
  /// that ran the script.
  private func byScriptName(_ text: String, _ kinds: [RecordKind]) throws -> [RecordID] {
    guard (try? ExternalID(text)) != nil else { return [] }
    return try kinds.flatMap { kind in
      if let known = try alias(text, kind, namespace: nil) { return [known] }
      return try record(scriptID: text, kind: kind, namespace: nil).map { [$0] } ?? []
    }
  }

  private func labels(named text: String) throws -> [RecordID] {
    do {
      switch try codebook().lookUp(text) {
      case .current(let entry), .alias(let entry): return [entry.id.record]
      case .ambiguous(let entries), .retired(let entries): return entries.map(\.id.record)
      case .unknown: return []
      }
    } catch is TextFieldError {
      return []
    }
  }

  /// Whole names before beginnings, file names before titles.
  private func articles(named text: String) throws -> [RecordID] {
    let typed = Self.comparable(text)
    guard !typed.isEmpty else { return [] }
    var matches: [[RecordID]] = [[], [], [], []]
    for (id, state) in try records(of: .article) {
      for (index, field) in [ArticleField.file, ArticleField.title].enumerated() {
        guard let name = try shownText(field, state).map(Self.comparable) else { continue }
        if name == typed { matches[index].append(id) }
        if name.starts(with: typed) { matches[2 + index].append(id) }
      }
    }
    return matches.first { !$0.isEmpty } ?? []
  }

  /// Names compare in normal form C and without invisible marks, so that what is typed or copied
  /// from a terminal finds them.
  private static func comparable(_ name: String) -> [Unicode.Scalar] {
    NormalForm.composed(name).filter { !BidiControl.contains($0) }
  }
}
