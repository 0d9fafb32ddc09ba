/// Connections of strangers, and which of them gives up its place: those of the address that has the
/// most, of all such addresses where several have as many, or else those of all others.
///
/// A member stands among them until a token verifies, and may have the address in common with whoever
/// floods it. What a member needs is the time of a first round trip, and then the server's look at who
/// it is; so
/// - connections that are answered and only wait for their end go first;
/// - then one of those that wait for a head, or of those known to be strangers whose bodies come,
///   whichever are more, and of these the one that has been at it for longest: neither kind takes
///   the other's half, and whoever has just come has the most time before it;
/// - one that the server itself keeps waiting goes last, and of these the newest, which has cost least.
struct ShareOfPlaces {
  private typealias Candidate = (id: ConnectionPlaces.ID, since: UInt64)

  private var ended: Candidate?
  private var head: Candidate?
  private var body: Candidate?
  private var waiting: Candidate?
  private var heads = 0
  private var bodies = 0

  mutating func add(_ id: ConnectionPlaces.ID, _ place: ConnectionPlaces.Place) {
    let candidate = (id, place.since)
    switch place.activity {
    case .end: Self.keepOldest(&ended, candidate)
    case .head, .idle:
      heads += 1
      Self.keepOldest(&head, candidate)
    case .body:
      bodies += 1
      Self.keepOldest(&body, candidate)
    case .judgement, .answer:
      if waiting.map({ $0.since < place.since }) ?? true { waiting = candidate }
    }
  }

  /// The one that goes; nil where there is none.
  var loser: ConnectionPlaces.ID? {
    if let ended { return ended.id }
    return ((bodies > heads ? body : head) ?? waiting)?.id
  }

  private static func keepOldest(_ oldest: inout Candidate?, _ candidate: Candidate) {
    if oldest.map({ candidate.since < $0.since }) ?? true { oldest = candidate }
  }
}
