import AnnotationModel
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import WorkspaceStore

@testable import SyncServer

// Clocks that jump: a wrong one changes which sibling is shown first and what a leaf is dated, and nothing
// else.

extension WorkspaceSimulation {
  /// How long an invite lives when clocks jump: longer than any simulation by the true time.
  static let inviteMilliseconds: Int64 = 14 * 86_400_000

  /// Minutes that no server minds, hours, days, and what a battery that is empty or a typo comes to; in
  /// milliseconds.
  private static let offsets: [Int64] = [
    0, 0, 1_200_000, -1_200_000, 7_200_000, -7_200_000, 40 * 86_400_000, -40 * 86_400_000,
    -1_700_000_000_000, 250_000_000_000_000, 900_000_000_000_000,
  ]

  /// Sets a member's clock to something else.
  func jumpClock(_ index: Int) throws {
    let offset = random.pick(Self.offsets) ?? 0
    stores[index].clock?.jump(to: offset)
    tally.clockJumps += 1
    note("the clock of \(stores[index].name) jumps to \(offset)")
  }

  /// Sets the server's clock to something else, while it runs or across a start of its machine; or its
  /// operator looks.
  func jumpServerClock() throws {
    let before = try leafCount()
    switch random.below(4) {
    case 0: try setServerClockRight()
    case 1:
      try server.restart { server.wall.reboot() }
      server.wall.jump(to: random.pick(Self.offsets) ?? 0)
      tally.clockJumps += 1
    default:
      server.wall.jump(to: random.pick(Self.offsets) ?? 0)
      tally.clockJumps += 1
    }
    note("the server's clock is at \(server.wall.offset)")
    guard try server.clock.doubt() != nil else { return }
    tally.clockDoubts += 1
    // Whatever is brought now is dated later.
    try sync(random.below(stores.count), .sync, .none)
    try require(leafCount() == before, "a server dates leaves by a clock that jumped")
    if random.once(in: 3) { try confirmServerClock() }
  }

  /// The operator's word that the clock is right, whether or not it is.
  private func confirmServerClock() throws {
    _ = try server.clock.confirm()
    tally.confirmedClocks += 1
    try require(server.clock.doubt() == nil, "a clock that was confirmed stays in doubt")
    note("the operator confirms the server's clock at \(server.wall.offset)")
  }

  /// The server's clock is set right, and its operator says so where the server cannot know it.
  func setServerClockRight() throws {
    server.wall.jump(to: 0)
    if try server.clock.doubt() != nil { try confirmServerClock() }
  }

  private func leafCount() throws -> UInt64 {
    try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
  }

  /// Odd dates are told where dates go back by more than an hour, and to everybody alike.
  func checkDates(_ log: MemoryLog, _ living: [SimulatedStore]) throws {
    let times = log.leaves.compactMap { Timestamp($0.leaf.time)?.milliseconds }
    try require(times.count == log.leaves.count, "a leaf's date does not read")
    let goesBack = zip(times, times.dropFirst()).contains { $0 - $1 > ServerClock.jumpMax }
    try require(
      !goesBack || weather == .clocks, "dates go back, and no clock was ever set")
    let expected = try server.hosted.log.read { try LogReader($0).oddDates() }
    try require(goesBack || expected.isEmpty, "odd dates where none go back")
    tally.oddDates += expected.count
    for store in living {
      let told = try store.workspace.read { try $0.log.oddDates() }
      try require(
        told == expected, "\(store.name) tells the odd dates \(told), and the server \(expected)")
    }
  }
}
