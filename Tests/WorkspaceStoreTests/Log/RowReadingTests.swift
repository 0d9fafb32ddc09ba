import FoundationEssentials
import Testing

@Suite struct RowReadingTests {
  private static let modules = ["WorkspaceStore", "Auditor", "SyncServer"]

  /// GRDB's subscripts end the process when a column does not hold what is asked for, and a file that
  /// is examined may have been altered.
  @Test func `no row is read by subscript`() throws {
    let sources = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    var found: [String] = []
    var files = 0
    for module in Self.modules {
      let folder = sources.appending(path: module)
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      for name in names.sorted() where name.hasSuffix(".swift") {
        files += 1
        guard !name.hasSuffix("/StoredBytes.swift") else { continue }
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
          .enumerated() where Self.readsBySubscript(line)
        {
          found.append("\(module)/\(name):\(index + 1)")
        }
      }
    }
    #expect(files > 80, "the sources are where this test looks")
    #expect(found == [], "use Row.bytes, size, number, text, digest, … of StoredBytes.swift")
  }

  private static func readsBySubscript(_ line: Substring) -> Bool {
    line.contains(/\b(row|\$0|self)\??\["/) || line.contains(/\brow\??\[\d/)
      || line.contains(/\] as (Data|Int|Int64|String|Bool|Double)\b/)
  }

  @Test(arguments: [
    #"let size = row["size"] as Int64"#, #"isAct = row["is_act"]"#, "row?[0] ?? 0",
    #"$0["time"]"#,
  ])
  func `what must not be written is found`(_ line: String) {
    #expect(Self.readsBySubscript(Substring(line)))
  }
}
