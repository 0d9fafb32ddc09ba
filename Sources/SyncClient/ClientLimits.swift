import SyncProtocol

/// Sizes and times of the client alone; what peers must know stands in `SyncProtocol.Limits`.
package enum ClientLimits {
  /// Bytes of a request's body that are tried where nothing is known of the way to the server.
  package static let requestBytesMax = Limits.requestBytesMax / 2
  /// The smallest limit that is tried before a request counts as one that nothing lets pass; a body
  /// that is smaller and breaks off met a network's fault and no limit.
  package static let requestBytesMin = 16 << 10
  /// The same of answers.
  package static let answerBytesMax = Limits.responseBytesMax
  package static let answerBytesMin = 64 << 10
  /// Milliseconds, at most, before each time that a request is sent again whose connection ended before
  /// an answer began: whatever was taken of it, taking it again changes nothing.
  static let attemptPauses: [Int64] = [100, 400, 1_000]
  /// Milliseconds after which a size that did not pass is tried again, twice as large each time.
  package static let growthPause: Int64 = 24 * 3_600_000
  /// Bytes a second of an answer, over ``paceWindow``, below which it is given up.
  package static let answerBytesPerSecondMin = 256
  /// The time over which an answer's pace is taken; what this program does with it does not count.
  package static let paceWindow = Duration.seconds(30)
  /// For how long the network may take nothing of a request.
  ///
  /// Longer than ``paceWindow``, since the system takes and sends a request in large pieces.
  package static let sendSilenceMax = Duration.seconds(120)
  /// How long a sync waits for another one of the same store.
  package static let turnPatience = Duration.seconds(60)
  /// How often a server that has all leaves, and is taking them in, is asked on in one sync.
  ///
  /// Each time it takes in for a second, so that this is longer than a sync should last; the next one
  /// goes on.
  package static let takingsInMax = 1_000
  /// Bytes of a file with certificates of authorities.
  package static let authorityBytesMax = 1 << 20
  /// Bytes of an answer that is no exchange, of which words are shown.
  package static let problemBytesMax = 64 << 10
}
