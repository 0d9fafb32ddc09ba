import GRDB
import SimulationKit
import Testing

@testable import WorkspaceStore

/// Which check finds damage in which table.
@Suite struct TableCoverageTests {
  private func tables(of migrator: DatabaseMigrator) throws -> [(name: String, isSealed: Bool)] {
    let file = try DatabaseQueue()
    try migrator.migrate(file)
    return try file.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name FROM sqlite_master
          WHERE type = 'table' AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')
          ORDER BY name
          """
      ).map { ($0, try db.columns(in: $0).last?.name == Seal.columnName) }
    }
  }

  @Test func `every table is sealed, compared with replay, or checked otherwise`() throws {
    var migrator = DatabaseMigrator()
    LogSchema.register(in: &migrator)
    ServerSchema.register(in: &migrator)
    WorkspaceSchema.register(in: &migrator)
    let all = try tables(of: migrator)
    let compared = try LogSchema.tableNames()
    for (name, isSealed) in all {
      let isExcepted = TableCoverage.checkedOtherwise[name] != nil
      #expect(isSealed || compared.contains(name) || isExcepted, "nothing looks at \(name)")
      #expect(!(isSealed && isExcepted), "\(name) has a seal")
    }
    for name in TableCoverage.checkedOtherwise.keys.sorted() {
      #expect(all.contains { $0.name == name }, "there is no \(name)")
    }
  }

  @Test func `a table's rows are read with a seal where the file says so, and only there`() throws {
    var migrator = DatabaseMigrator()
    LogSchema.register(in: &migrator)
    #expect(
      try tables(of: migrator).filter(\.isSealed).map(\.name)
        == ["change", "leaf", "log", "part_operation", "record"])
  }
}
