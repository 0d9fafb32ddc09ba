import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// All records, deleted ones too, as lines that `batch` takes back into another store: ids and texts
/// stay, authors, times and conflicts do not.
///
/// Whatever is made stands before what hangs on it, and deletions come last. A line of a record that is
/// deleted says so, and then finds it so when the lines are applied again.
struct BatchExport {
  private let reader: WorkspaceReader
  private let write: (JSONValue) throws -> Void
  /// Labels as a line names them.
  private var labels: [RecordID: String] = [:]
  /// The versions of each article that annotations mark.
  private var marked: [RecordID: Set<TextVersion>] = [:]
  private var deleted: [RecordID] = []
  private var merged: [(label: RecordID, into: RecordID)] = []

  private init(_ reader: WorkspaceReader, _ write: @escaping (JSONValue) throws -> Void) {
    self.reader = reader
    self.write = write
  }

  /// Gives every line to `write`, in order.
  static func forEachLine(
    _ reader: WorkspaceReader, _ write: @escaping (JSONValue) throws -> Void
  ) throws {
    var export = BatchExport(reader, write)
    try export.run()
  }

  private mutating func run() throws {
    let annotations = try all(.annotation).map { ($0, try target(of: $0.id)) }
    for (_, target) in annotations {
      guard let target else { continue }
      marked[target.article.record, default: []].insert(target.version)
    }
    let codebook = try all(.label)
    let namesakes = Dictionary(grouping: codebook) { Array(($0.name ?? "").utf8) }
    for label in codebook {
      // Of two that were merged as they had one name, the name alone means neither until they are.
      try write(label: label, isAlone: namesakes[Array((label.name ?? "").utf8)]?.count == 1)
    }
    var shown: [RecordID: TextVersion] = [:]
    for article in try reader.articles() {
      shown[article.id] = article.version
      try write(article: article)
    }
    for (annotation, target) in annotations {
      guard let target else { continue }
      try write(
        annotation, target, isShown: shown[target.article.record] == target.version)
    }
    try writeHanging(try all(.reply) + all(.relation))
    // Behind the uses, which name the label that they were given.
    for (label, target) in merged {
      try write(["op": "merge", "id": id(label), "into": id(target)])
    }
    for record in deleted { try write(["op": "delete", "id": id(record)]) }
  }

  private func all(_ kind: RecordKind) throws -> [ItemView] {
    try reader.items(ItemFilter(kind: kind, lifecycle: .all))
  }

  private func target(of annotation: RecordID) throws -> Target? {
    guard case .target(let target) = try reader.shown(annotation, AnnotationField.target) else {
      return nil
    }
    return target
  }

  private func id(_ record: RecordID) -> JSONValue { RecordJSON.id(record) }
}

// MARK: - Lines

extension BatchExport {
  /// The line with what its record's being deleted adds to it.
  private mutating func write(_ line: JSONValue, of record: RecordID, isDeleted: Bool) throws {
    guard isDeleted else { return try write(line) }
    deleted.append(record)
    try write(line.adding([("deleted", true)]))
  }

  private mutating func write(label: ItemView, isAlone: Bool) throws {
    let names = try reader.labelNames(label.id)
    guard let name = names.last else { return }
    let isNamed = try isAlone && reader.isLabel(label.id, named: name)
    labels[label.id] = isNamed ? name : label.id.hexText
    try write(
      [
        "op": "label", "id": id(label.id), "name": .string(name),
        "former": JSONValue(Array(names.dropLast())),
      ], of: label.id, isDeleted: label.isDeleted)
    guard let target = label.mergedInto, let known = LabelID(label.id),
      try !reader.standsInCircle(known)
    else { return }
    merged.append((label.id, target))
  }

  private mutating func write(article: ArticleView) throws {
    let versions = try reader.versions(ofArticle: article.id)
    let texts = try versions.map { try reader.articleText(bytesOf: $0) }
    guard let first = texts.first, let first else { return }
    try write(
      [
        "op": "article", "id": id(article.id), "title": .string(article.title),
        "file": JSONValue(article.file), "source": JSONValue(article.source),
        "text": .string(first),
      ], of: article.id, isDeleted: article.isDeleted)
    var last = versions.first
    for (version, text) in zip(versions, texts).dropFirst() where version != article.version {
      guard let text, marked[article.id]?.contains(version) == true else { continue }
      last = version
      try write(["op": "revise", "id": id(article.id), "text": .string(text)])
    }
    guard last != article.version, let text = try reader.articleText(bytesOf: article.version)
    else { return }
    try write(
      ["op": "revise", "id": id(article.id), "text": .string(text), "current": true])
  }

  private mutating func write(_ item: ItemView, _ target: Target, isShown: Bool) throws {
    let tags = item.tags.prefix(AnnotationLimits.tagsPerLine)
    var line: JSONValue = [
      "op": "annotate", "id": id(item.id), "article": id(target.article.record),
      "spans": RecordJSON.spans(target.spans), "quote": .string(target.quote),
      "label": JSONValue(try reader.labelGiven(to: item.id).flatMap { labels[$0] }),
      "note": JSONValue(item.note), "tags": JSONValue(Array(tags)),
      "confidence": RecordJSON.confidence(item.confidence),
    ]
    if !isShown { line = line.adding([("version", .string(target.version.hex))]) }
    try write(line, of: item.id, isDeleted: item.isDeleted)
    for tag in item.tags.dropFirst(tags.count) {
      let line: JSONValue = ["op": "tag", "id": id(item.id), "tag": .string(tag)]
      try write(item.isDeleted ? line.adding([("deleted", true)]) : line)
    }
  }

  /// Replies and relations, each behind what it hangs on.
  ///
  /// With a stack of its own, since replies may hang on replies as deep as somebody likes.
  private mutating func writeHanging(_ items: [ItemView]) throws {
    var waiting = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
    // Those whose writing has begun, so that what hangs on itself is written once.
    var begun: Set<RecordID> = []
    for item in items {
      var stack = [item.id]
      while let id = stack.last {
        guard let next = waiting[id], begun.insert(id).inserted else {
          stack.removeLast()
          if let ready = waiting.removeValue(forKey: id) { try write(hanging: ready) }
          continue
        }
        let below = [next.ends?.to, next.ends?.from, next.parent].compactMap { $0 }
        stack += below.filter { waiting[$0] != nil && !begun.contains($0) }
      }
    }
  }

  private mutating func write(hanging item: ItemView) throws {
    if let ends = item.ends {
      try write(
        [
          "op": "relate", "id": id(item.id), "from": id(ends.from),
          "type": .string(item.name ?? ""), "to": id(ends.to),
        ], of: item.id, isDeleted: item.isDeleted)
    } else if let parent = item.parent {
      try write(
        [
          "op": "reply", "id": id(item.id), "parent": id(parent),
          "note": .string(item.note ?? ""),
        ], of: item.id, isDeleted: item.isDeleted)
    }
  }
}
