import Logging
import MergeCore

/// What the server's log says of one request: one line, without secrets.
struct RequestRecord: Sendable {
  private let method: String
  private let path: String
  private let started = ContinuousClock.now
  var replica: ReplicaID?
  var receivedBytes = 0

  init(method: String, path: String) {
    self.method = method
    self.path = String(path.prefix(200))
  }

  /// Logs an answer.
  func log(to logger: Logger, status: Int, sentBytes: Int, code: String? = nil) {
    let level: Logger.Level = status < 500 ? .info : .error
    logger.log(level: level, "request", metadata: metadata(status, sentBytes, code))
  }

  /// Logs a failure that the answer does not name.
  func log(failure: any Error, to logger: Logger, status: Int, sentBytes: Int) {
    var metadata = metadata(status, sentBytes, nil)
    metadata["error"] = .string(String(describing: failure))
    logger.error("request failed", metadata: metadata)
  }

  private func metadata(_ status: Int, _ sentBytes: Int, _ code: String?) -> Logger.Metadata {
    let milliseconds = (ContinuousClock.now - started) / .milliseconds(1)
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
