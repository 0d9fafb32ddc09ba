import Foundation
import Synchronization
import Testing

@testable import SyncServer

@Suite struct ServerClockTests {
  /// A machine's clocks, set by the test.
  private final class Machine: Sendable {
    let folder: String
    private let reading = Mutex(ClockReading(wall: 1_700_000_000_000, sinceBoot: 50_000, boot: "a"))

    init() throws {
      folder = FileManager.default.temporaryDirectory.path + "/clock-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A server that starts on the machine.
    func start() -> ServerClock {
      ServerClock(folder: folder) { self.reading.withLock { $0 } }
    }

    func change(_ body: (inout ClockReading) -> Void) { reading.withLock { body(&$0) } }

    /// Time passes, on both clocks.
    func pass(_ milliseconds: Int64) {
      change {
        $0.wall += milliseconds
        $0.sinceBoot += milliseconds
      }
    }

    func reboot(after milliseconds: Int64, as boot: String) {
      change {
        $0.wall += milliseconds
        $0.sinceBoot = 1_000
        $0.boot = boot
      }
    }
  }

  private static let hour: Int64 = 3_600_000

  @Test("time that passes is no jump, however much of it")
  func passing() throws {
    let machine = try Machine()
    let clock = machine.start()
    for _ in 0..<3 {
      machine.pass(40 * 24 * Self.hour)
      #expect(try clock.leafTime() == clock.now())
      #expect(try clock.doubt() == nil)
    }
  }

  @Test("an hour either way is let pass, and a millisecond more is not", arguments: [1, -1])
  func limit(direction: Int64) throws {
    let machine = try Machine()
    let clock = machine.start()
    _ = try clock.leafTime()
    machine.change { $0.wall += direction * Self.hour }
    _ = try clock.leafTime()
    machine.change { $0.wall += direction * (Self.hour + 1) }
    #expect(throws: ClockDoubt.self) { try clock.leafTime() }
    #expect(try clock.doubt()?.jump == direction * (Self.hour + 1))
    // It is not believed for having been seen before.
    #expect(throws: ClockDoubt.self) { try clock.leafTime() }
    machine.change { $0.wall -= direction }
    _ = try clock.leafTime()
  }

  @Test("a restart within the same boot is no way around, and a confirmation by another process is")
  func restart() throws {
    let machine = try Machine()
    _ = try machine.start().leafTime()
    machine.change { $0.wall += 1_000_000 * Self.hour }
    let clock = machine.start()
    #expect(throws: ClockDoubt.self) { try clock.leafTime() }
    _ = try machine.start().confirm()
    #expect(try clock.doubt() == nil)
    #expect(try clock.leafTime() == clock.now())
    machine.change { $0.wall -= 1_000_000 * Self.hour }
    #expect(throws: ClockDoubt.self) { try clock.leafTime() }
  }

  @Test("across boots only a clock that went back is doubted")
  func boots() throws {
    let machine = try Machine()
    _ = try machine.start().leafTime()
    machine.reboot(after: 90 * 24 * Self.hour, as: "b")
    _ = try machine.start().leafTime()
    machine.reboot(after: -2 * Self.hour, as: "c")
    #expect(throws: ClockDoubt.self) { try machine.start().leafTime() }
    machine.change { $0.wall += 3 * Self.hour }
    _ = try machine.start().leafTime()
  }

  @Test("a file that does not decode is as none, and times at the end of all numbers do not trap")
  func extremes() throws {
    let machine = try Machine()
    let file = machine.folder + "/clock.json"
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: file))
    let clock = machine.start()
    _ = try clock.leafTime()
    for wall in [Int64.max, .min, 0] {
      machine.change { $0.wall = wall }
      #expect(throws: ClockDoubt.self) { try clock.leafTime() }
    }
  }

  @Test("a file that names impossible times is no trap", arguments: [Int64.min, -1, 0, Int64.max])
  func impossible(_ number: Int64) throws {
    let machine = try Machine()
    for file in [
      #"{"boot":"a","sinceBoot":\#(number),"wall":\#(number)}"#,
      #"{"boot":"a","sinceBoot":\#(number),"wall":1700000000000}"#,
      #"{"boot":"b","sinceBoot":\#(number),"wall":\#(number)}"#,
    ] {
      try Data(file.utf8).write(to: URL(fileURLWithPath: machine.folder + "/clock.json"))
      let clock = machine.start()
      _ = try clock.doubt()
      do { _ = try clock.leafTime() } catch is ClockDoubt {}
      _ = try clock.confirm()
      #expect(try clock.doubt() == nil)
      _ = try clock.leafTime()
    }
  }
}
