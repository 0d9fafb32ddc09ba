import Testing

@testable import SyncServer

@Suite struct BodyBudgetTests {
  private static let free = ServerLimits.bodyBytesFree

  private func code(_ lease: BodyBudget.Lease, _ count: Int) throws -> String? {
    try Problem.code { try lease.take(count) }
  }

  @Test("one member's bodies leave room for others', at the limit and one past it")
  func shares() throws {
    let budget = BodyBudget(bytesMax: 100, memberBytesMax: 60)
    let first = budget.lease(for: [1])
    #expect(try code(first, Self.free + 60) == nil)
    #expect(try code(budget.lease(for: [1]), Self.free + 1) == "busy")
    let second = budget.lease(for: [2])
    #expect(try code(second, Self.free + 40) == nil)
    #expect(try code(budget.lease(for: [3]), Self.free + 1) == "busy")
    withExtendedLifetime((first, second)) {}
  }

  @Test("a small body always has room")
  func small() throws {
    let budget = BodyBudget(bytesMax: 0, memberBytesMax: 0)
    let lease = budget.lease(for: [1])
    #expect(try code(lease, Self.free) == nil)
    #expect(try code(lease, 1) == "busy")
  }

  @Test("what a request held is given back when it ends")
  func ends() throws {
    let budget = BodyBudget(bytesMax: 10, memberBytesMax: 10)
    do {
      let lease = budget.lease(for: [1])
      #expect(try code(lease, Self.free + 4) == nil)
      #expect(try code(lease, 6) == nil)
      #expect(try code(lease, 1) == "busy")
    }
    #expect(try code(budget.lease(for: [1]), Self.free + 10) == nil)
  }
}
