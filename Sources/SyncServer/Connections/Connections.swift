import Logging
import NIOCore
import Synchronization

/// All connections of a server, each with its place.
final class Connections: Sendable {
  fileprivate struct State {
    var places: ConnectionPlaces
    var byID: [ConnectionPlaces.ID: Connection] = [:]
    var byChannel: [ObjectIdentifier: Connection] = [:]
    var nextID: ConnectionPlaces.ID = 1
  }

  let proxies: TrustedProxies
  let metrics = ServerMetrics()
  private let state: Mutex<State>

  /// - Parameter total: places for connections; strangers have at most half of them.
  init(total: Int, proxies: TrustedProxies) {
    self.proxies = proxies
    state = Mutex(
      State(
        places: ConnectionPlaces(
          total: total, strangersMax: total / 2,
          perMemberMax: max(
            1, total * ServerLimits.memberConnectionsMax / ServerLimits.connectionsMax)
        )))
  }

  var areScarce: Bool { state.withLock { $0.places.areScarce } }

  /// How many connections there have been.
  var admittedCount: UInt64 { state.withLock { $0.nextID - 1 } }

  /// How many there are, whose, and of how many.
  struct Figures {
    var strangers: Int
    var proxies: Int
    var members: Int
    var strangersMax: Int
    var total: Int
    var admitted: Int
    var evicted: Int
  }

  var figures: Figures {
    state.withLock { state in
      let (places, counts) = (state.places, state.places.countsByKind)
      return Figures(
        strangers: counts.strangers, proxies: counts.proxies, members: counts.members,
        strangersMax: places.strangersMax, total: places.total,
        admitted: Int(clamping: state.nextID - 1), evicted: places.lostCount)
    }
  }

  /// Gives a new channel its place, closing whatever loses its own.
  func admit(_ channel: any Channel) -> Connection {
    let address = channel.remoteAddress
    let isProxy = address?.ipBytes.map(proxies.contains) ?? false
    let (connection, losers) = state.withLock { state in
      let connection = Connection(id: state.nextID, channel: channel, isProxy: isProxy, all: self)
      state.nextID += 1
      state.byID[connection.id] = connection
      state.byChannel[ObjectIdentifier(channel)] = connection
      let holder: ConnectionPlaces.Holder = isProxy ? .proxy : .stranger(AddressShare(address))
      return (connection, state.lose(state.places.admit(connection.id, as: holder)))
    }
    close(losers)
    return connection
  }

  /// The connection of a channel that has not ended.
  func connection(of channel: any Channel) -> Connection? {
    state.withLock { $0.byChannel[ObjectIdentifier(channel)] }
  }

  fileprivate func assign(_ connection: Connection, to holder: ConnectionPlaces.Holder) {
    close(state.withLock { $0.lose($0.places.assign(connection.id, to: holder)) })
  }

  fileprivate func note(_ connection: Connection, _ activity: ConnectionPlaces.Activity) {
    state.withLock { $0.places.note(connection.id, activity) }
  }

  fileprivate func noteJudged(_ connection: Connection) {
    state.withLock { $0.places.noteJudged(connection.id) }
  }

  fileprivate func holder(of connection: Connection) -> ConnectionPlaces.Holder? {
    state.withLock { $0.places.holder(of: connection.id) }
  }

  fileprivate func release(_ connection: Connection) {
    state.withLock { state in
      state.places.release(connection.id)
      state.byID[connection.id] = nil
      state.byChannel[ObjectIdentifier(connection.channel)] = nil
    }
  }

  private func close(_ losers: [Connection]) {
    for loser in losers { loser.channel.close(promise: nil) }
  }
}

extension Connections.State {
  /// The connections that lose their places.
  fileprivate func lose(_ ids: [ConnectionPlaces.ID]) -> [Connection] {
    ids.compactMap { byID[$0] }
  }
}

/// One connection, as its request's work sees it.
final class Connection: Sendable {
  let id: ConnectionPlaces.ID
  let channel: any Channel
  /// Whether a trusted proxy has it: then each request is somebody else's.
  let isProxy: Bool
  private unowned let all: Connections
  private let gone = Atomic(false)

  init(id: ConnectionPlaces.ID, channel: any Channel, isProxy: Bool, all: Connections) {
    self.id = id
    self.channel = channel
    self.isProxy = isProxy
    self.all = all
  }

  /// Whether nobody waits for the answer any more.
  var isGone: Bool { gone.load(ordering: .relaxed) }

  /// Whether nobody is known on it.
  var isStranger: Bool { all.holder(of: self)?.isStranger ?? true }

  /// Says that it has shown itself to be a member's: what a member may have, it may.
  func becomeMember(_ member: [UInt8]) {
    all.assign(self, to: .member(member))
    all.noteJudged(self)
  }

  /// Says that its request's sender has been looked at, and is a stranger so far.
  func remainStranger() { all.noteJudged(self) }

  func note(_ activity: ConnectionPlaces.Activity) { all.note(self, activity) }

  /// A request begins that a trusted proxy passes on.
  func serve(_ sender: AddressShare) { all.assign(self, to: .stranger(sender)) }

  /// It waits for another request; a proxy's next one may be anybody's.
  func finishRequest() {
    if isProxy { all.assign(self, to: .proxy) }
    note(isStranger ? .head : .idle)
  }

  /// Nobody reads the answer.
  func leave() { gone.store(true, ordering: .relaxed) }

  func end() {
    leave()
    all.release(self)
  }
}
