import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// One random history of a workspace with real stores, the real client and the real server, made by a
/// seed alone: no sockets, no processes.
final class WorkspaceSimulation {
  /// What may go wrong.
  enum Weather: CaseIterable {
    /// Answers are cut, lost, doubled and overtaken; servers and processes restart. Nobody has a
    /// reason to doubt who it is.
    case network
    /// Stores are copied and restored as well, with and without the machine's state.
    case copies
    /// All of it, and roles change, invites are withdrawn, replicas are revoked.
    case members
    /// The network's, and clocks jump: members', and the server's, whose operator looks after it.
    case clocks
    /// The network's, and the server is restored from backups, loses its log, or goes back with its
    /// whole machine; its operator decides where the machine cannot know.
    case restoredServers
  }

  let weather: Weather
  let disk: SimulatedDisk
  let time = SimulatedTime()
  let server: SimulatedServer
  let random: SeededRandom
  let exchange: SimulatedExchange
  var stores: [SimulatedStore] = []
  var ledger = Ledger()
  var tally = Tally()
  /// How often a store's identity was put in doubt, or its work refused: each may cost successors.
  var doubts = 0
  private var backups: [Backup] = []
  var serverBackups: [ServerBackup] = []
  private var names = 0

  private struct Backup {
    var store: Int
    var folder: String
    var state: String
  }

  init(seed: UInt64, weather: Weather) throws {
    self.weather = weather
    random = SeededRandom(seed: seed)
    disk = try SimulatedDisk()
    server = try SimulatedServer(in: disk.folder("server"), time: time)
    exchange = SimulatedExchange(server: server)
    let founder = try store { try Workspace.found(in: $0, analyst: "Layla", machine: $1) }
    try founder.workspace.setServer(server.claim)
    for _ in 0..<8 { try edit(0) }
    try sync(0, .sync, .none)
    for _ in 0..<1 + random.below(3) { try invite() }
    // Some join before they begin to work, and some begin at once.
    if random.once(in: 2) {
      for index in stores.indices { try sync(index, .sync, .none) }
    }
  }

  /// Takes steps, then lets everything drain and checks what must hold.
  func run(stepCount: Int) throws {
    for _ in 0..<stepCount {
      time.pass(Int64(random.below(5_000)))
      try step()
    }
    try drain()
    try checkEverything()
  }

  func note(_ text: @autoclosure () -> String) {
    if Self.isTalkative { print(text()) }
  }

  private static let isTalkative = ProcessInfo.processInfo.environment["HASHIYA_TRACE"] != nil
}

extension WorkspaceSimulation.Weather {
  /// Whether stores are copied and restored.
  var putsStoresInDoubt: Bool { self == .copies || self == .members }
}

// MARK: - Steps

extension WorkspaceSimulation {
  private func step() throws {
    let index = random.below(stores.count)
    switch random.below(100) {
    case 0..<42: try edit(index)
    case 42..<60: try sync(index)
    case 60..<64: random.pick(exchange.requests).map { exchange.send(again: $0) }
    case 64..<68: try stores[index].reopen()
    case 68..<70: try server.restart()
    case 70..<74: try carryBundle(from: index)
    case 74..<76: try invite()
    case 76..<83 where weather == .clocks: try jumpClock(index)
    case 83..<90 where weather == .clocks: try jumpServerClock()
    case 76..<80 where weather == .restoredServers: try backUpServer()
    case 80..<87 where weather == .restoredServers: try restoreServer()
    case 87..<90 where weather == .restoredServers: try decideForServer()
    case 76..<82 where weather.putsStoresInDoubt: try copy(index)
    case 82..<85 where weather.putsStoresInDoubt: try backUp(index)
    case 85..<90 where weather.putsStoresInDoubt: try restore()
    case 90..<100 where weather == .members: try changeMembers()
    default: try edit(index)
    }
  }

  private func edit(_ index: Int) throws {
    let store = stores[index]
    var kind: SimulatedEdits.Kind?
    for _ in 0..<6 where kind == nil {
      kind = try SimulatedEdits.edit(store, random, &ledger)
    }
    guard let kind else { return }
    tally.edits[kind, default: 0] += 1
    let made = try store.workspace.read { try $0.pendingIdentities().last?.brief ?? "" }
    note("edit \(store.name) \(kind) \(made)")
  }

  private func sync(_ index: Int) throws {
    let modes: [ExchangeMode] = [.sync, .sync, .sync, .push, .pull]
    let fault = random.once(in: 2) ? .none : random.pick(NetworkFault.allCases) ?? .none
    try sync(index, random.pick(modes) ?? .sync, fault)
  }

  /// One sync, whatever comes of it; what is refused is entered as excused.
  func sync(_ index: Int, _ mode: ExchangeMode, _ fault: NetworkFault) throws {
    let store = stores[index]
    tally.faults[fault, default: 0] += 1
    exchange.meanwhile = { [unowned self] in
      let other = try Workspace(opening: store.path, machine: store.machine)
      defer { try? other.close() }
      if random.once(in: 2) { _ = try? exchange.run(.sync, other, .none, random) }
      for _ in 0..<random.below(3) { try edit(index) }
    }
    exchange.others = { [unowned self] in
      let other = random.below(stores.count)
      if other != index { try sync(other, .sync, .none) }
    }
    let before = try store.workspace.read { try $0.pendingIdentities() }
    let madeBefore = Set(ledger.entries.keys)
    let refusedBefore = try refusedCount(store)
    let sizeBefore = try store.workspace.read { $0.log.treeSize }
    do {
      let outcome = try exchange.run(mode, store.workspace, fault, random)
      tally.refused += outcome.refusedChanges
      note(
        "\(mode) \(store.name) \(fault): pushed \(outcome.pushedChanges), pulled "
          + "\(outcome.pulledChanges), refused \(outcome.refusals.map { ($0.dot, $0.refusal) })")
    } catch let failure as SyncFailure {
      note("\(mode) \(store.name) \(fault): \(failure)")
      switch failure {
      case .unreachable, .network, .retryLater, .notPermitted, .revoked: break
      // Whoever only pulls before the enrolment is in the log is told no more than a stranger.
      case .noWorkspace(.notEnrolled, _): break
      case .serverRestored: tally.stoppedSyncs += 1
      case .notConfigured, .publication, .upgradeNeeded, .proof, .forked, .noWorkspace, .problem,
        .store, .serverDamaged:
        throw SimulationFault("\(store.name) cannot \(mode) (\(fault)): \(failure)")
      }
    }
    let madeMeanwhile = ledger.entries.keys.filter { !madeBefore.contains($0) }
    try excuseRefused(store, before + madeMeanwhile)
    let undoneAnew = try ledger.enterUndoneAnew(store, since: sizeBefore)
    tally.undoneAnew += undoneAnew
    // Edits cost one successor, and acts another.
    doubts += min(try refusedCount(store) - refusedBefore + undoneAnew, 2)
  }

  private func refusedCount(_ store: SimulatedStore) throws -> Int {
    try store.workspace.read { try $0.pendingReports() }.count { report in
      if case .refused = report.state { true } else { false }
    }
  }

  private func excuseRefused(_ store: SimulatedStore, _ before: [ChangeIdentity]) throws {
    let gone = try store.workspace.read { reader in
      let now = Set(try reader.pendingIdentities())
      return try before.filter { try !now.contains($0) && !reader.log.contains($0) }
    }
    ledger.excused.formUnion(gone)
  }

  private func carryBundle(from index: Int) throws {
    let other = random.below(stores.count)
    guard other != index else { return }
    let size = try stores[index].workspace.read { $0.log.treeSize }
    let since = random.once(in: 2) ? 0 : UInt64(random.below(Int(size) + 1))
    let bundle = try stores[index].workspace.makeBundle(since: since)
    do {
      let outcome = try stores[other].workspace.apply(bundle: bundle)
      tally.bundles += 1
      tally.mail += outcome.mail
      note("bundle \(stores[index].name) to \(stores[other].name): \(outcome)")
    } catch BundleRefusal.gap {
      return
    }
  }
}

// MARK: - Copies

extension WorkspaceSimulation {
  /// A store made by `make`, on a machine of its own.
  @discardableResult
  private func store(_ make: @escaping (String, Machine) throws -> Workspace) throws
    -> SimulatedStore
  {
    let name = nextName()
    let clock = SimulatedClock(time, offset: Int64(random.below(3) - 1) * 600_000)
    let store = try SimulatedStore(
      name, path: disk.folder(name), machine: machine(disk.folder("state-" + name), clock),
      make: make)
    store.clock = clock
    stores.append(store)
    return store
  }

  func nextName() -> String {
    names += 1
    return "store\(names)"
  }

  private func machine(_ stateDirectory: String, _ clock: SimulatedClock) -> Machine {
    .simulated(seed: random.next(), clock: clock, stateDirectory: stateDirectory)
  }

  /// Copies a store to a folder of the same machine, to another machine, or with the whole machine.
  private func copy(_ index: Int) throws {
    guard stores.count < 7 else { return }
    let source = stores[index]
    let name = nextName()
    let state: String
    // What is pending on both sides must become one.
    if random.once(in: 2) { try edit(index) }
    switch random.below(4) {
    case 0: state = source.machine.stateDirectory
    case 1: state = disk.folder("state-" + name)
    default:
      state = disk.folder("state-" + name)
      try disk.copy(source.machine.stateDirectory, to: state)
    }
    try source.reopen { try disk.copy(source.path, to: disk.folder(name)) }
    let clock = SimulatedClock(time, offset: Int64(random.below(3) - 1) * 600_000)
    let copy = try SimulatedStore(name, path: disk.folder(name), machine: machine(state, clock))
    copy.clock = clock
    copy.shownClocks = source.shownClocks
    stores.append(copy)
    tally.copies += 1
    doubts += 1
    note("copy \(source.name) to \(name), state \(state)")
  }

  private func backUp(_ index: Int) throws {
    let name = nextName()
    let source = stores[index]
    try source.reopen { try disk.copy(source.path, to: disk.folder(name)) }
    try disk.copy(source.machine.stateDirectory, to: disk.folder("state-" + name))
    backups.append(
      Backup(store: index, folder: disk.folder(name), state: disk.folder("state-" + name)))
    note("backup of \(source.name)")
  }

  /// Puts a backup in the place of its store, and half the time the machine's state as well.
  private func restore() throws {
    guard let backup = random.pick(backups) else { return }
    let store = stores[backup.store]
    let lost = try store.workspace.read { try $0.pendingIdentities() }
    let withState = !random.once(in: 3)
    try store.reopen {
      try disk.copy(backup.folder, to: store.path)
      if withState { try disk.copy(backup.state, to: store.machine.stateDirectory) }
    }
    let kept = Set(try store.workspace.read { try $0.pendingIdentities() })
    ledger.excused.formUnion(lost.filter { !kept.contains($0) })
    tally.restores += 1
    doubts += 1
    note("restore \(store.name), with state: \(withState)")
  }
}

// MARK: - Members

extension WorkspaceSimulation {
  /// An invite by somebody who may, and a store that joins with it.
  private func invite() throws {
    guard stores.count < 7, let inviter = random.pick(stores) else { return }
    let name = nextName()
    let role: Role = random.once(in: 3) ? .admin : .annotator
    let invitation: Invitation
    do {
      invitation = try inviter.workspace.edit {
        let expires = weather == .clocks ? time.now() + Self.inviteMilliseconds : nil
        return random.once(in: 4)
          ? try $0.addDevice(expires: expires)
          : try $0.invite(name: name, role: role, expires: expires)
      }
    } catch is AuthoringRefusal {
      return
    }
    let code = try ShareCode(text: invitation.code.text)
    note("\(inviter.name) invites \(invitation.name) as \(invitation.role)")
    try store { try Workspace.join(in: $0, invite: code, machine: $1) }
  }

  private func changeMembers() throws {
    // Mostly the founder, so that it happens.
    guard let admin = random.once(in: 3) ? random.pick(stores) : stores.first else { return }
    do {
      try admin.workspace.edit { editor in
        let members = editor.reader.membership.members
        let replicas = editor.reader.membership.replicas
        guard let member = random.pick(members.suffix(4)), let replica = random.pick(replicas)
        else { return }
        let invites = editor.reader.membership.invites.filter { $0.end == nil }
        if random.once(in: 5), let invite = random.pick(invites) {
          _ = try editor.withdrawInvites(named: hexText(invite.key))
          tally.withdrawals += 1
          note("\(admin.name) withdraws the invite of \(invite.name)")
        } else if random.once(in: 12) {
          try editor.revoke(replica: replica.id)
          tally.revocations += 1
          note("\(admin.name) revokes \(replica.id.hex.prefix(8))")
        } else {
          let role = random.pick([Role.auditor, .auditor, .annotator, .admin]) ?? .annotator
          try editor.setRole(member: hexText(member.id), role: role)
          tally.roleChanges += 1
          note("\(admin.name) makes \(member.name) \(role)")
        }
      }
    } catch is AuthoringRefusal {
      return
    }
    if random.once(in: 2) { try sync(0, .sync, .none) }
  }
}
