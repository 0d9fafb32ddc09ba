/// Who has the places for connections, and who gives one up when there are none left.
///
/// A value without clock or sockets: whoever holds it closes what it names. Three rules:
/// - strangers have at most ``strangersMax`` places, and among them the address with the most gives one
///   up, so that many connections from one address cost nobody else theirs; which of its connections
///   that is, ``ShareOfPlaces`` says;
/// - one member has at most ``perMemberMax``;
/// - when all are taken, a stranger gives way, then an idle connection.
struct ConnectionPlaces: Sendable {
  typealias ID = UInt64

  /// Whose connection it is.
  enum Holder: Hashable, Sendable {
    /// Somebody who has shown nothing yet.
    case stranger(AddressShare)
    /// A trusted proxy, between two requests.
    case proxy
    /// A member, by id: whichever device it is.
    case member([UInt8])
  }

  /// What it waits for.
  enum Activity: Sendable {
    /// For a request.
    case head
    /// For this server, which has the request's head and has not looked yet who sends it.
    case judgement
    /// For the rest of a request whose sender is known, or known to be a stranger.
    case body
    /// For nothing: between a member's requests.
    case idle
    /// For its answer.
    case answer
    /// For its end: it is answered, and what still comes is thrown away.
    case end
  }

  struct Place: Sendable {
    var holder: Holder
    var activity: Activity
    /// Lower is longer ago.
    var since: UInt64
  }

  let total: Int
  let strangersMax: Int
  let perMemberMax: Int

  private var places: [ID: Place] = [:]
  private var counts: [Holder: Int] = [:]
  private var strangers = 0
  private var clock: UInt64 = 0
  /// How many have lost their place so far.
  private(set) var lostCount = 0

  init(total: Int, strangersMax: Int, perMemberMax: Int) {
    self.total = total
    self.strangersMax = strangersMax
    self.perMemberMax = perMemberMax
  }

  /// Whether so few places are left that whoever has one must use it.
  var areScarce: Bool { places.count >= total - total / 4 }

  var count: Int { places.count }

  func holder(of id: ID) -> Holder? { places[id]?.holder }

  /// Gives a new connection a place; returns those that lose theirs, which may be itself.
  mutating func admit(_ id: ID, as holder: Holder) -> [ID] {
    set(id, Place(holder: holder, activity: .head, since: tick()))
    return makeRoom(for: holder, id)
  }

  /// Says whose a connection is now; returns those that lose their place.
  mutating func assign(_ id: ID, to holder: Holder) -> [ID] {
    guard var place = places[id], place.holder != holder else { return [] }
    place.holder = holder
    set(id, place)
    return makeRoom(for: holder, id)
  }

  /// Says what a connection waits for from now on.
  mutating func note(_ id: ID, _ activity: Activity) {
    guard var place = places[id], place.activity != activity else { return }
    place.activity = activity
    place.since = tick()
    set(id, place)
  }

  /// Says that the server has looked who sends the request, whose rest may be here already.
  mutating func noteJudged(_ id: ID) {
    if places[id]?.activity == .judgement { note(id, .body) }
  }

  mutating func release(_ id: ID) { set(id, nil) }

  /// How many places strangers, proxies and members have.
  var countsByKind: (strangers: Int, proxies: Int, members: Int) {
    let proxies = counts[.proxy, default: 0]
    return (strangers, proxies, places.count - strangers - proxies)
  }

  private mutating func tick() -> UInt64 {
    clock += 1
    return clock
  }

  private mutating func set(_ id: ID, _ place: Place?) {
    if let old = places[id] { count(old.holder, by: -1) }
    if let place { count(place.holder, by: 1) }
    places[id] = place
  }

  private mutating func count(_ holder: Holder, by difference: Int) {
    let count = counts[holder, default: 0] + difference
    counts[holder] = count > 0 ? count : nil
    if holder.isStranger { strangers += difference }
  }

  // Those who lose their place are forgotten at once, or they would be chosen again until their
  // sockets are closed.
  private mutating func makeRoom(for holder: Holder, _ id: ID) -> [ID] {
    var losers: [ID] = []
    func lose(_ loser: ID?) {
      guard let loser else { return }
      set(loser, nil)
      losers.append(loser)
    }
    if case .member = holder, counts[holder, default: 0] > perMemberMax {
      lose(first { $0.holder == holder && $1 != id })
    }
    if case .stranger = holder, strangers > strangersMax { lose(crowdedStranger(sparing: id)) }
    if places.count > total {
      lose(crowdedStranger(sparing: id) ?? longestIdle(sparing: id) ?? id)
    }
    lostCount += losers.count
    return losers
  }

  /// One of the address that has the most connections; that of the newest connection counts it, but
  /// does not lose it.
  private func crowdedStranger(sparing newest: ID) -> ID? {
    let most = counts.lazy.filter { $0.key.isStranger }.map(\.value).max() ?? 0
    var crowded = ShareOfPlaces()
    var others = ShareOfPlaces()
    for (id, place) in places where id != newest && place.holder.isStranger {
      if counts[place.holder] == most { crowded.add(id, place) } else { others.add(id, place) }
    }
    return crowded.loser ?? others.loser
  }

  private func longestIdle(sparing newest: ID) -> ID? {
    places.filter { $0.key != newest && $0.value.activity == .idle }
      .min { $0.value.since < $1.value.since }?.key
  }

  /// Of a member's connections the first to go: one that is not being answered, the longest so.
  private func first(of isCandidate: (Place, ID) -> Bool) -> ID? {
    places.filter { isCandidate($0.value, $0.key) }.min { left, right in
      let (first, second) = (left.value, right.value)
      let order = (first.activity == .answer, second.activity == .answer)
      return order.0 == order.1 ? first.since < second.since : order.1
    }?.key
  }
}

extension ConnectionPlaces.Holder {
  var isStranger: Bool {
    if case .stranger = self { true } else { false }
  }
}
