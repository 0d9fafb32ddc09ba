/// Sizes and times of this server alone; what peers must know stands in `SyncProtocol.Limits`.
package enum ServerLimits {
  /// Places for connections; strangers have at most half of them.
  package static let connectionsMax = 256
  /// Fewer are not worth serving.
  package static let connectionsMin = 8
  /// Of one member, all devices together.
  package static let memberConnectionsMax = 32
  /// Connections that the system keeps until they are accepted.
  package static let backlog = 1_024
  /// Files beside those of connections; for each event loop, of which a core has one; and for each
  /// workspace: readers with their WAL, and the writer.
  package static let filesSpare = 8
  package static let filesPerCore = 3
  package static let filesPerWorkspace = 12

  /// Bytes that are read of a connection at once.
  static let readBytesMax = 16_384
  /// Bytes of one header, and of all headers together.
  package static let headerBytesMax = 16 << 10
  package static let headersMax = 64
  /// Bytes of a request's path.
  package static let pathBytesMax = 512

  /// Seconds that a stranger has for the head of a request, from the connection on, and without a
  /// byte read of its answer.
  package static let headSecondsMax: Int64 = 5
  /// Seconds in which a stranger's body has to arrive.
  package static let strangerBodySecondsMax: Int64 = 10
  /// Seconds without a byte in either direction after which a member's connection is closed.
  package static let idleSecondsMax: Int64 = 60
  /// Seconds in which a member's body has to arrive.
  package static let bodySecondsMax: Int64 = 300
  /// Seconds without any of it after which the request is answered as late; less than
  /// ``idleSecondsMax``, so that there is a connection to answer on.
  package static let bodySilenceSecondsMax: Int64 = 45
  /// Bytes a second that move in either direction, on average of so many seconds, where places are
  /// scarce.
  package static let bytesPerSecondMin = 1 << 10
  package static let rateWindowSeconds: Int64 = 10
  /// Seconds for which what comes after an early answer is thrown away: without a byte, and in all.
  package static let lingerSilenceSecondsMax: Int64 = 5
  package static let lingerSecondsMax: Int64 = 10
  /// Bytes of it that are read of a stranger's.
  static let thrownAwayBytesMax = 64 << 10

  /// Bytes of a stranger's body: an opening and one enrolment.
  package static let strangerBodyBytesMax = 16 << 10
  /// Bytes of members' bodies that are held at once, and of them one member's.
  package static let memberBodyBytesMax = 256 << 20
  package static let oneMemberBodyBytesMax = 64 << 20
  /// Bytes of each body that count towards neither, so that small ones always have room.
  package static let bodyBytesFree = 64 << 10
  /// Bytes of an answer that are read from the log at once, and wait to be written.
  package static let answerPieceBytes = 64 << 10
  /// Milliseconds after which a request lets others write, between two of its batches.
  package static let turnMilliseconds: Int64 = 50

  /// By how much the threads that strangers share give way, as `nice` counts it: 0 to 19.
  package static let strangerNiceness: Int32 = 5
  /// Requests of strangers that the server's log lists in so many seconds; the rest it counts.
  package static let strangerLinesMax = 200
  package static let strangerLinesSeconds: Int64 = 10
  /// Places for connections of those who watch.
  package static let metricsConnectionsMax = 16
  /// Seconds for which an answer to whether changes are taken in holds for all who ask.
  package static let readinessSeconds: Int64 = 1
  /// Bytes that must find room where logs stand, or no changes are taken in: some batches.
  package static let readinessBytes = 4 << 20
  /// How often what has arrived is looked for when the server is told to stop, and milliseconds
  /// between two looks.
  package static let drainRoundsMax = 50
  package static let drainMilliseconds: Int64 = 2
  /// Seconds that answers under way are given when the server is told to stop.
  package static let stopSecondsMax: Int64 = 30
  /// Leaves after which a checkpoint is signed within the batches of one request.
  package static let checkpointLeavesMax = 64
  /// Bytes of batches after which the same happens.
  package static let checkpointBytesMax = 1 << 20
  /// Leaves, and bytes of their batches, that a healing log takes in within one transaction.
  package static let healedLeavesMax = 64
  package static let healedBytesMax = 1 << 20
  /// Milliseconds after which a healing request is answered, between two such transactions: its sender
  /// asks again, long before it gives up.
  package static let healingMilliseconds: Int64 = 1_000
  /// Bytes of leaves and batches that wait until a log has all that it lost.
  package static let stagedBytesMax = 4 << 30
  /// Prefixes that a holder of leaves proves in a request.
  package static let healingPrefixesMax = 4
  /// Ranges of leaves that a healing answer asks for.
  package static let missingRangesMax = 64
  /// Characters of a workspace's name.
  package static let nameCharactersMax = 64
  /// Bytes of a bundle file.
  package static let bundleBytesMax = 256 << 20
}
