import MergeCore
import SyncProtocol

/// The traces of `merges.json`, before they are run.
enum MergeTraces {
  typealias Trace = MergeVectorTests.Trace
  typealias VectorChange = MergeVectorTests.VectorChange
  typealias VectorOperation = MergeVectorTests.VectorOperation

  private static let a = String(repeating: "72", count: 16)
  private static let b = String(repeating: "31", count: 16)
  private static let c = String(repeating: "b5", count: 16)
  private static let record = "0002" + String(repeating: "01", count: 16)
  private static let note: UInt16 = 3
  private static let tags: UInt16 = 4

  static var all: [Trace] { registers + sets + lifecycles + identities + undone }

  /// A change at the leaf after those before it; `size` is what its author had received.
  private static func change(
    _ dot: String, leaf: UInt64, size: UInt64, time: Int64 = 10, origin: String? = nil,
    lineage: [String] = [], undoes: String? = nil, _ operations: VectorOperation...
  ) -> VectorChange {
    VectorChange(
      dot: dot, origin: origin, chain: DomainHash.plain(Array((origin ?? dot).utf8)).hex,
      leaf: leaf, treeSize: size, lineage: lineage, time: time, undoes: undoes.map(name),
      operations: operations)
  }

  private static func name(_ dot: String) -> MergeVectorTests.Name {
    MergeVectorTests.Name(dot: dot, chain: DomainHash.plain(Array(dot.utf8)).hex)
  }

  private static func back(
    _ type: String, _ field: UInt16? = nil, _ cites: String..., place: Int? = nil
  ) -> VectorOperation {
    VectorOperation(
      record: record, type: type, field: field, cites: cites.map(name), undonePlace: place)
  }

  private static func write(
    _ value: String, against: [String]? = nil, resolution: Bool? = nil
  ) -> VectorOperation {
    VectorOperation(
      record: record, type: "write", field: note, value: value, against: against,
      resolution: resolution)
  }

  private static func tag(_ type: String, _ value: String) -> VectorOperation {
    VectorOperation(record: record, type: type, field: tags, value: value)
  }

  private static func bare(_ type: String) -> VectorOperation {
    VectorOperation(record: record, type: type)
  }

  private static var registers: [Trace] {
    [
      Trace(
        name: "a later write supersedes what its author had received",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create"), write("x")),
          change("\(b):1", leaf: 1, size: 1, write("y")),
        ]),
      Trace(
        name: "concurrent values are siblings, and a resolution that covers both closes them",
        changes: [
          change("\(a):1", leaf: 0, size: 0, time: 20, write("x")),
          change("\(b):1", leaf: 1, size: 0, time: 30, write("y")),
          change("\(c):1", leaf: 2, size: 2, write("x", resolution: true)),
        ]),
      Trace(
        name: "of equal times the greater dot is shown",
        changes: [
          change("\(a):1", leaf: 0, size: 0, write("x")),
          change("\(b):1", leaf: 1, size: 0, write("y")),
        ]),
      Trace(
        name: "ruling 2: what is above the clock stays, one's own included",
        changes: [
          change("\(a):1", leaf: 0, size: 0, write("shown")),
          change("\(a):2", leaf: 1, size: 1, write("x")),
          change("\(a):3", leaf: 2, size: 2, write("y", against: ["\(a):1"])),
        ]),
      Trace(
        name: "ruling 9: equal siblings are kept, and one of another value makes the conflict",
        changes: [
          change("\(a):1", leaf: 0, size: 0, write("x")),
          change("\(b):1", leaf: 1, size: 0, write("x")),
          change("\(c):1", leaf: 2, size: 1, write("y")),
        ]),
    ]
  }

  private static var sets: [Trace] {
    [
      Trace(
        name: "ruling 8: an add wins over a concurrent remove that came first",
        changes: [
          change("\(a):1", leaf: 0, size: 0, tag("add", "t")),
          change("\(b):1", leaf: 1, size: 1, tag("remove", "t")),
          change("\(c):1", leaf: 2, size: 1, tag("add", "t")),
        ]),
      Trace(
        name: "ruling 8: and over one that came after it",
        changes: [
          change("\(a):1", leaf: 0, size: 0, tag("add", "t")),
          change("\(c):1", leaf: 1, size: 1, tag("add", "t")),
          change("\(b):1", leaf: 2, size: 1, tag("remove", "t")),
        ]),
      Trace(
        name: "ruling 8: the latest remove of each replica stays",
        changes: [
          change("\(a):1", leaf: 0, size: 0, tag("add", "t")),
          change("\(a):2", leaf: 1, size: 1, tag("remove", "t")),
          change("\(a):3", leaf: 2, size: 2, tag("add", "t")),
          change("\(a):4", leaf: 3, size: 3, tag("remove", "t")),
        ]),
    ]
  }

  private static var lifecycles: [Trace] {
    [
      Trace(
        name: "ruling 6: an edit concurrent with a delete keeps the record, and a delete ends it",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create"), write("x")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(c):1", leaf: 2, size: 1, write("y")),
          change("\(a):2", leaf: 3, size: 3, bare("delete")),
        ]),
      Trace(
        name: "ruling 6: two deletes agree, and a restore that covers both spends both",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(c):1", leaf: 2, size: 1, bare("delete")),
          change("\(a):2", leaf: 3, size: 3, bare("restore")),
        ]),
      Trace(
        name: "ruling 7: a record removed while another is hung on it stays, in conflict",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create")),
          change("\(b):1", leaf: 1, size: 1, bare("touch")),
          change("\(c):1", leaf: 2, size: 1, bare("delete")),
        ]),
      Trace(
        name: "a restore that leaves a delete touches before it tells what it opened",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(c):1", leaf: 2, size: 1, bare("delete")),
          change("\(a):2", leaf: 3, size: 2, bare("restore")),
        ]),
      Trace(
        name: "a restore beside a delete that it does not cover",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(a):2", leaf: 2, size: 2, bare("restore")),
          change("\(c):1", leaf: 3, size: 2, bare("delete")),
        ]),
    ]
  }

  private static var identities: [Trace] {
    [
      Trace(
        name: "ruling 11: a change brought again is absorbed, and either carrier covers it",
        changes: [
          change("\(b):1", leaf: 0, size: 0, origin: "\(a):2", lineage: ["\(a):1"], write("x")),
          change("\(a):2", leaf: 1, size: 0, write("x")),
          change("\(c):1", leaf: 2, size: 0, write("y", against: ["\(a):2"])),
        ]),
      Trace(
        name: "decisions name the placing carriers of what they met and superseded",
        changes: [
          change("\(b):1", leaf: 0, size: 0, origin: "\(a):2", lineage: ["\(a):1"], write("x")),
          change("\(c):1", leaf: 1, size: 0, write("y")),
          change("\(b):2", leaf: 2, size: 2, write("z")),
        ]),
      Trace(
        name: "ruling 12: a successor has received its predecessor up to the certificate",
        changes: [
          change("\(a):1", leaf: 0, size: 0, write("x")),
          change("\(a):2", leaf: 1, size: 0, write("y")),
          change("\(b):1", leaf: 2, size: 0, lineage: ["\(a):1"], write("z")),
        ]),
    ]
  }

  private static var undone: [Trace] {
    let quarrel = [
      change("\(a):1", leaf: 0, size: 0, time: 20, write("x")),
      change("\(b):1", leaf: 1, size: 0, time: 30, write("y")),
      change("\(c):1", leaf: 2, size: 2, time: 40, write("z", resolution: true)),
    ]
    return [
      Trace(
        name: "ruling 29: a decision taken back leaves both values as their authors'",
        changes: quarrel + [
          change(
            "\(c):2", leaf: 3, size: 3, time: 50, undoes: "\(c):1",
            back("write", note, "\(b):1", "\(a):1"))
        ]),
      Trace(
        name: "ruling 29: who has received them supersedes them by the undoing change's dot",
        changes: quarrel + [
          change(
            "\(c):2", leaf: 3, size: 3, time: 50, undoes: "\(c):1",
            back("write", note, "\(b):1", "\(a):1")),
          change("\(a):2", leaf: 4, size: 4, time: 60, write("w", resolution: true)),
          change(
            "\(a):3", leaf: 5, size: 5, time: 70, undoes: "\(a):2",
            back("write", note, "\(b):1", "\(a):1")),
        ]),
      Trace(
        name: "ruling 29: what a decision took does not depend on who came first",
        changes: [
          change("\(a):1", leaf: 0, size: 0, time: 20, write("x")),
          change("\(b):1", leaf: 1, size: 1, time: 30, write("first")),
          change("\(c):1", leaf: 2, size: 1, time: 40, write("second")),
          change(
            "\(c):2", leaf: 3, size: 1, time: 50, undoes: "\(c):1", back("write", note, "\(a):1")),
        ]),
      Trace(
        name: "ruling 29: a tag that was removed is its first author's again",
        changes: [
          change("\(a):1", leaf: 0, size: 0, tag("add", "t")),
          change("\(b):1", leaf: 1, size: 1, tag("remove", "t")),
          change(
            "\(b):2", leaf: 2, size: 2, undoes: "\(b):1",
            back("add", tags, "\(a):1", place: 0)),
        ]),
      Trace(
        name: "ruling 29: of several tags that one change removed, the place says which comes back",
        changes: [
          change("\(a):1", leaf: 0, size: 0, tag("add", "t"), tag("add", "u"), tag("add", "v")),
          change(
            "\(b):1", leaf: 1, size: 1, tag("remove", "v"), write("x"), tag("remove", "t"),
            tag("remove", "u")),
          change(
            "\(b):2", leaf: 2, size: 2, undoes: "\(b):1",
            back("add", tags, "\(a):1", place: 2), back("add", tags, "\(a):1", place: 0)),
        ]),
      Trace(
        name: "ruling 29: a delete that comes back has the reach that it had",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create"), write("x")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(a):2", leaf: 2, size: 1, write("unseen")),
          change("\(c):1", leaf: 3, size: 3, bare("restore")),
          change("\(c):2", leaf: 4, size: 4, undoes: "\(c):1", back("delete", nil, "\(b):1")),
        ]),
      Trace(
        name: "ruling 29: taking one's own delete back spends it alone, and is no voice",
        changes: [
          change("\(a):1", leaf: 0, size: 0, bare("create")),
          change("\(b):1", leaf: 1, size: 1, bare("delete")),
          change("\(a):2", leaf: 2, size: 1, write("y")),
          change("\(c):1", leaf: 3, size: 3, bare("delete")),
          change("\(c):2", leaf: 4, size: 4, undoes: "\(c):1", bare("restore")),
        ]),
    ]
  }
}
