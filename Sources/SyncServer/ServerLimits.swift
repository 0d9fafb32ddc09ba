/// Sizes and times of this server alone; what peers must know stands in `SyncProtocol.Limits`.
package enum ServerLimits {
  /// Connections at once; more wait to be accepted.
  package static let connectionsMax = 256
  /// Bytes of one header, and of all headers together.
  package static let headerBytesMax = 16 << 10
  package static let headersMax = 64
  /// Bytes of a request's path.
  package static let pathBytesMax = 512
  /// Seconds without a byte in either direction after which a connection is closed.
  package static let idleSecondsMax: Int64 = 60
  /// Seconds in which a request's body has to arrive.
  package static let bodySecondsMax: Int64 = 300
  /// Seconds without any of it after which the request is answered as late; less than
  /// ``idleSecondsMax``, so that there is a connection to answer on.
  package static let bodySilenceSecondsMax: Int64 = 45
  /// Bytes of bodies that are held at once, of members and of replicas that are not enrolled.
  package static let memberBodyBytesMax = 256 << 20
  package static let strangerBodyBytesMax = 48 << 20
  /// Seconds that answers under way are given when the server is told to stop.
  package static let stopSecondsMax: Int64 = 30
  /// Leaves after which a checkpoint is signed within the batches of one request.
  package static let checkpointLeavesMax = 64
  /// Bytes of batches after which the same happens.
  package static let checkpointBytesMax = 1 << 20
  /// Characters of a workspace's name.
  package static let nameCharactersMax = 64
  /// Bytes of a bundle file.
  package static let bundleBytesMax = 256 << 20
}
