/// Who has the places for connections, and who gives one up when there are none left.
///
/// A value without clock or sockets: whoever holds it closes what it names. Three rules:
/// - strangers have at most ``strangersMax`` places, and among them the address with the most gives one
///   up, so that many connections from one address cost nobody else theirs;
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
    /// For a request, or the rest of one.
    case unfinished
    /// For nothing: between a member's requests.
    case idle
    /// For its answer.
    case answering
  }

  private struct Place {
    var holder: Holder
    var activity: Activity
    /// Lower is longer ago.
    var since: UInt64
  }

  let total: Int
  let strangersMax: Int
  let perMemberMax: Int

  private var places: [ID: Place] = [:]
  private var strangers = 0
  private var clock: UInt64 = 0

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
    set(id, Place(holder: holder, activity: .unfinished, since: tick()))
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

  mutating func release(_ id: ID) { set(id, nil) }

  private mutating func tick() -> UInt64 {
    clock += 1
    return clock
  }

  private mutating func set(_ id: ID, _ place: Place?) {
    if case .stranger? = places[id]?.holder { strangers -= 1 }
    if case .stranger? = place?.holder { strangers += 1 }
    places[id] = place
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
    if case .member = holder, places.values.filter({ $0.holder == holder }).count > perMemberMax {
      lose(first(of: places.filter { $0.value.holder == holder && $0.key != id }))
    }
    if case .stranger = holder, strangers > strangersMax { lose(crowdedStranger(sparing: id)) }
    if places.count > total {
      lose(crowdedStranger(sparing: id) ?? longestIdle(sparing: id) ?? id)
    }
    return losers
  }

  /// Of the address with the most connections the one that has been unfinished for longest; that of the
  /// newest connection counts it, but does not lose it.
  private func crowdedStranger(sparing newest: ID) -> ID? {
    var shares: [AddressShare: [ID: Place]] = [:]
    for (id, place) in places {
      guard case .stranger(let share) = place.holder else { continue }
      shares[share, default: [:]][id] = place
    }
    let most = shares.values.map(\.count).max() ?? 0
    let crowded = shares.values.filter { $0.count == most }
      .reduce(into: [ID: Place]()) { all, share in all.merge(share) { first, _ in first } }
    return first(of: crowded.filter { $0.key != newest })
      ?? first(of: places.filter { $0.key != newest && $0.value.holder.isStranger })
  }

  private func longestIdle(sparing newest: ID) -> ID? {
    places.filter { $0.key != newest && $0.value.activity == .idle }
      .min { $0.value.since < $1.value.since }?.key
  }

  /// The first to go: one that is not being answered, the longest so.
  private func first(of candidates: [ID: Place]) -> ID? {
    candidates.min { left, right in
      let (first, second) = (left.value, right.value)
      let order = (first.activity == .answering, second.activity == .answering)
      return order.0 == order.1 ? first.since < second.since : order.1
    }?.key
  }
}

extension ConnectionPlaces.Holder {
  var isStranger: Bool {
    if case .stranger = self { true } else { false }
  }
}
