import FoundationEssentials
import Glibc
import Synchronization
import WorkspaceStore

/// One look at the machine's clocks.
package struct ClockReading: Hashable, Sendable {
  /// The wall clock, milliseconds since 1970: what leaves are dated by, and what may jump.
  package var wall: Int64
  /// CLOCK_BOOTTIME, milliseconds: never set, and counts while the machine sleeps.
  package var sinceBoot: Int64
  /// Names the boot that ``sinceBoot`` counts from.
  package var boot: String

  package init(wall: Int64, sinceBoot: Int64, boot: String) {
    self.wall = wall
    self.sinceBoot = sinceBoot
    self.boot = boot
  }

  /// What the machine's clocks say now.
  package static func now() -> ClockReading {
    ClockReading(
      wall: milliseconds(of: CLOCK_REALTIME), sinceBoot: milliseconds(of: CLOCK_BOOTTIME),
      boot: bootName)
  }

  /// Where this is not known, every start counts as another boot.
  private static let bootName: String = {
    let bytes = try? DurableFile.read("/proc/sys/kernel/random/boot_id", bytesMax: 64)
    let name = bytes.flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    return name.filter { !$0.isWhitespace }
  }()

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// By how far the wall clock has moved since `earlier` beyond the time that passed, in
  /// milliseconds.
  ///
  /// Across a boot nobody knows how much time passed: only a clock that went back has jumped.
  func jump(since earlier: ClockReading) -> Int64 {
    let (moved, isHuge) = wall.subtractingReportingOverflow(earlier.wall)
    if isHuge { return wall < earlier.wall ? .min : .max }
    guard boot == earlier.boot, !boot.isEmpty else { return min(moved, 0) }
    // What a damaged file says may be any number.
    let (passed, isEndless) = sinceBoot.subtractingReportingOverflow(earlier.sinceBoot)
    let (jump, isFar) = moved.subtractingReportingOverflow(passed)
    return isEndless || isFar ? (moved < 0 ? .min : .max) : jump
  }
}

/// The wall clock jumped, and nobody has said that it is right: no leaf is dated until it is back, or
/// the operator confirms it.
package struct ClockDoubt: Error, Hashable, Sendable {
  /// By how far, in milliseconds; negative when the clock went back.
  package var jump: Int64
  /// What the clock says, milliseconds since 1970.
  package var wall: Int64
}

/// The wall clock of a server, held against the time that really passes.
///
/// What it saw last stands in `clock.json` of the data folder, so that a jump while the server was
/// stopped is noticed within the same boot, and one into the past across boots.
package final class ServerClock: Sendable {
  private let path: String
  private let look: @Sendable () -> ClockReading
  private let readings = Mutex(Readings())

  private struct Readings {
    /// The last one that was believed; nil until leaves are dated.
    var trusted: ClockReading?
    /// What the file holds, as far as this process knows.
    var saved: ClockReading?
  }

  /// By how far the clock may be set without a doubt, in milliseconds: an hour.
  package static let jumpMax: Int64 = 3_600_000
  /// After how long the file is brought up to date, in milliseconds: a server that stops without a
  /// word is held against a reading that is no older.
  private static let savedEvery: Int64 = 600_000

  /// The clock of the server whose data folder is `folder`.
  package init(
    folder: String, look: @escaping @Sendable () -> ClockReading = ClockReading.now
  ) {
    path = folder + "/clock.json"
    self.look = look
  }

  /// The wall time, right or wrong, milliseconds since 1970.
  package func now() -> Int64 { look().wall }

  /// Why leaves cannot be dated now; nil while the clock can be believed.
  ///
  /// Writes nothing.
  package func doubt() throws(ServerFailure) -> ClockDoubt? {
    var earlier = readings.withLock { $0.trusted }
    if earlier == nil { earlier = try saved() }
    guard let earlier else { return nil }
    let reading = look()
    guard let doubt = Self.doubt(reading, since: earlier) else { return nil }
    // The operator may have confirmed it meanwhile.
    guard let confirmed = try saved(), Self.doubt(reading, since: confirmed) == nil else {
      return doubt
    }
    return nil
  }

  /// The time to date leaves by, milliseconds since 1970; throws ``ClockDoubt`` after a jump.
  ///
  /// One that is over is forgotten, and one that the operator has confirmed is believed.
  package func leafTime() throws -> Int64 {
    try readings.withLock { readings in
      if readings.trusted == nil { readings.saved = try saved() }
      let reading = look()
      if let earlier = readings.trusted ?? readings.saved,
        let doubt = Self.doubt(reading, since: earlier)
      {
        guard let confirmed = try saved(), Self.doubt(reading, since: confirmed) == nil else {
          throw doubt
        }
        readings.saved = confirmed
      }
      if Self.isOld(readings.saved, reading) {
        try save(reading)
        readings.saved = reading
      }
      readings.trusted = reading
      return reading.wall
    }
  }

  /// The operator's word that the clock is right; returns what it says.
  package func confirm() throws(ServerFailure) -> Int64 {
    let reading = look()
    try save(reading)
    return reading.wall
  }

  private static func doubt(_ reading: ClockReading, since earlier: ClockReading) -> ClockDoubt? {
    let jump = reading.jump(since: earlier)
    return (-jumpMax...jumpMax).contains(jump)
      ? nil : ClockDoubt(jump: jump, wall: reading.wall)
  }

  // MARK: The file

  private struct Saved: Codable {
    var boot: String
    var sinceBoot: Int64
    var wall: Int64
  }

  private static func isOld(_ saved: ClockReading?, _ reading: ClockReading) -> Bool {
    guard let saved, saved.boot == reading.boot else { return true }
    let (age, isEndless) = reading.sinceBoot.subtractingReportingOverflow(saved.sinceBoot)
    return isEndless || !(0...savedEvery).contains(age)
      || reading.jump(since: saved).magnitude > savedEvery
  }

  /// What the file holds; nil where there is none, or it does not decode: it helps to notice a jump,
  /// and nothing rests on it.
  private func saved() throws(ServerFailure) -> ClockReading? {
    guard let bytes = try ServerFile.read(path),
      let saved = try? JSONDecoder().decode(Saved.self, from: Data(bytes))
    else { return nil }
    return ClockReading(wall: saved.wall, sinceBoot: saved.sinceBoot, boot: saved.boot)
  }

  private func save(_ reading: ClockReading) throws(ServerFailure) {
    let saved = Saved(boot: reading.boot, sinceBoot: reading.sinceBoot, wall: reading.wall)
    try ServerFile.write(jsonBytes(saved), to: path)
  }
}
