import Foundation
import SimulationKit

/// What members went through while strangers did one thing, and what it cost the server.
struct SwarmRow {
  var name: String
  var sources: String
  /// Of members' syncs that push or pull a change, the program's start included.
  var milliseconds: [Double]
  var joinMilliseconds: Double
  /// The server's memory at its most.
  var peakBytes: Int
  /// Of members' turns to write, those that were waited for longer than 50 ms, and all.
  var lateTurns: Int
  var turns: Int
  /// The server's processor time, all that members asked for included.
  var processorSeconds: Double
  var tally = Swarm.Tally()

  /// Takes in what was observed of the same at another time.
  mutating func add(_ other: SwarmRow) {
    milliseconds += other.milliseconds
    joinMilliseconds = max(joinMilliseconds, other.joinMilliseconds)
    peakBytes = max(peakBytes, other.peakBytes)
    lateTurns += other.lateTurns
    turns += other.turns
    processorSeconds += other.processorSeconds
  }

  func percentile(_ part: Double) -> Double {
    let sorted = milliseconds.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }

  /// - Parameter quiet: the same without strangers.
  func line(_ quiet: SwarmRow) -> String {
    let ratio = percentile(0.99) / quiet.percentile(0.99)
    let sentMiB = Double(tally.sentBytes) / Double(1 << 20)
    let cells = [
      name, sources, String(format: "%.0f", percentile(0.5)),
      String(format: "%.0f", percentile(0.99)), String(format: "%.2f", ratio),
      String(format: "%.0f", joinMilliseconds), "\(peakBytes >> 20)", "\(lateTurns)/\(turns)",
      String(format: "%.1f", processorSeconds), String(format: "%.1f", sentMiB),
      "\(tally.opened)", "\(tally.ended)",
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  static let heading = """
    | connections | from | p50 ms | p99 ms | p99 ratio | join ms | peak MiB | late turns | CPU s | sent MiB | opened | ended |
    |---|---|---|---|---|---|---|---|---|---|---|---|
    """
}

/// What a hostile body costs that a member brings, for each MiB of it.
struct BodyCost {
  var name: String
  var milliseconds: Double
  var mebibytes: Double

  var line: String {
    "| \(name) | \(String(format: "%.0f", milliseconds)) | \(String(format: "%.0f", mebibytes)) |"
  }

  static let heading = """
    | a MiB of | CPU ms | memory MiB |
    |---|---|---|
    """
}

/// The server's own count of the turns to write that it gave.
struct TurnCounts {
  var late: Int
  var all: Int

  /// Asks the port for metrics.
  init(_ port: Int) throws {
    let page = try RawHTTP.request("GET", "/metrics", port: port).body
    func value(_ name: String) -> Int {
      String(decoding: page, as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix(name + " ") }
        .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }
    all = value("hashiya_write_wait_seconds_count")
    late = all - value("hashiya_write_wait_seconds_bucket{le=\"0.05\"}")
  }
}
