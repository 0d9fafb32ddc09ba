import Logging
import MergeCore

/// What the server's log says of one request: one line, without secrets; and what is counted of it.
struct RequestRecord: Sendable {
  private let method: String
  private let path: String
  private let started = ContinuousClock.now
  private let metrics: ServerMetrics
  var route = ServerMetrics.Route.other
  var replica: ReplicaID?
  /// Whether a member sends it, or somebody whom it makes one.
  var isMembers = false
  var receivedBytes = 0

  init(method: String, path: String, metrics: ServerMetrics) {
    self.metrics = metrics
    self.method = method
    self.path = String(path.prefix(200))
  }

  /// Logs an answer.
  func log(to log: RequestLog, status: Int, sentBytes: Int, code: String? = nil) {
    count(status, sentBytes, code)
    // Whoever watches asks again and again, and is told by the answer alone.
    let level: Logger.Level = status < 500 || route == .ready ? .info : .error
    log.list(level, "request", ofStranger: !isMembers) { metadata(status, sentBytes, code) }
  }

  /// Logs a failure that the answer does not name.
  ///
  /// - Parameter code: the problem's, where the answer was one.
  func log(
    failure: any Error, to log: RequestLog, status: Int, sentBytes: Int, code: String? = nil
  ) {
    count(status, sentBytes, code)
    log.list(.error, "request failed", ofStranger: !isMembers) {
      var metadata = metadata(status, sentBytes, code)
      metadata["error"] = .string(String(describing: failure))
      return metadata
    }
  }

  private var seconds: Double { (ContinuousClock.now - started) / .seconds(1) }

  private func count(_ status: Int, _ sentBytes: Int, _ code: String?) {
    metrics.noteAnswer(
      route, status: status, code: code, receivedBytes: receivedBytes, sentBytes: sentBytes,
      seconds: seconds)
  }

  private func metadata(_ status: Int, _ sentBytes: Int, _ code: String?) -> Logger.Metadata {
    let milliseconds = seconds * 1_000
    var metadata: Logger.Metadata = [
      "method": .string(method), "path": .string(path), "status": .stringConvertible(status),
      "in": .stringConvertible(receivedBytes), "out": .stringConvertible(sentBytes),
      "ms": .stringConvertible(Int(milliseconds)),
    ]
    if let replica { metadata["replica"] = .string(String(replica.hex.prefix(8))) }
    if let code { metadata["code"] = .string(code) }
    return metadata
  }
}
