package import SyncProtocol
package import WorkspaceStore

/// Why a sync did not happen; what it had taken in before stays.
package enum SyncFailure: Error, Sendable {
  /// The store knows no server: publish the workspace, or join one.
  case notConfigured
  /// The workspace is on a server already, or is not this analyst's to publish.
  case publication(PublicationRefusal)
  /// The server cannot be reached, or went away mid-transfer.
  case unreachable(url: String, reason: String)
  /// Something between here and the server, or what stands in its place, was recognised.
  case network(url: String, NetworkFault)
  /// It may work later: the server is busy or waits for something to reach the log.
  case retryLater(String)
  /// The server lost leaves that it signed, or may have, and takes nothing in; this store has given it
  /// what it holds.
  case serverRestored(RestoredServer)
  /// The log, or the server, is of a newer version than this program.
  case upgradeNeeded(String)
  /// The server's own files are not as they were written, and it takes nothing in.
  case serverDamaged(String)
  /// What the server sent does not hold: another log, another workspace, a root that differs.
  case proof(String)
  /// The log's key is proved to have signed another history than the one here; the proof is kept.
  case forked(String)
  /// The server may not be asked this by this replica.
  case notPermitted(String)
  /// This replica has been revoked.
  case revoked(String)
  /// The server has no workspace under this name, or none that knows this replica.
  case noWorkspace(ProblemCode, String)
  /// The server answered with a problem document that has no better case.
  case problem(status: Int, code: String, detail: String)
  case store(StoreFailure)

  /// Whether the same exchange may succeed later, nothing being wrong.
  package var isTemporary: Bool {
    switch self {
    case .unreachable, .network, .retryLater, .serverRestored, .serverDamaged: true
    case .notConfigured, .publication, .upgradeNeeded, .proof, .forked, .notPermitted, .revoked,
      .noWorkspace, .problem, .store:
      false
    }
  }

  /// Whether the server said no for good, and did nothing.
  package var isRefusal: Bool {
    switch self {
    case .notPermitted, .revoked, .noWorkspace: true
    case .problem(let status, _, _): (400..<500).contains(status)
    case .notConfigured, .publication, .unreachable, .network, .retryLater, .serverRestored,
      .upgradeNeeded, .serverDamaged, .proof, .forked, .store:
      false
    }
  }
}

extension SyncFailure {
  /// Maps what a sync throws; the one place where that happens.
  init(_ error: any Error) {
    switch error {
    case let failure as SyncFailure: self = failure
    case let failure as StoreFailure: self = .store(failure)
    case let refusal as PublicationRefusal: self = .publication(refusal)
    case let failure as IngestFailure: self.init(failure)
    case ExchangeSession.Failure.otherProtocol(let version):
      self = .upgradeNeeded("the server speaks version \(version) of the protocol")
    case let failure as ExchangeSession.Failure:
      self = .proof("the answer is not one: \(failure.words)")
    default: self = .store(StoreFailure(error))
    }
  }
}

extension SyncFailure {
  private init(_ failure: IngestFailure) {
    switch failure {
    case .lagging: self = .retryLater(failure.text)
    case .fork: self = .forked(failure.text)
    case .newer: self = .upgradeNeeded(failure.text)
    case .outOfOrder, .mismatch, .altered, .badCheckpoint, .wrongRoot, .noLogKey:
      self = .proof(failure.text)
    }
  }

  /// What the server was refused for; nil where it is not the server's answer that is wrong.
  var refusedAnswer: String? {
    switch self {
    case .proof(let what), .forked(let what): what
    case .notConfigured, .publication, .unreachable, .network, .retryLater, .serverRestored,
      .upgradeNeeded, .serverDamaged, .notPermitted, .revoked, .noWorkspace, .problem, .store:
      nil
    }
  }
}

extension ExchangeSession.Failure {
  /// What is wrong with the answer, for people.
  fileprivate var words: String {
    switch self {
    case .frame(.badLength): "the length of a frame is no number"
    case .frame(.tooLong(let count)): "a frame says that it has \(count) bytes, which none may have"
    case .undecodable: "a frame does not decode"
    case .unexpected(let what): "a frame (\(what)) stands where it may not"
    case .otherProtocol(let version): "it is of version \(version) of the protocol"
    case .otherWorkspace: "it is of another workspace"
    case .outOfOrder(let expected, let received):
      "leaf \(received) came where leaf \(expected) was due"
    case .tooMuch: "it brings more at once than an answer may"
    }
  }
}

extension IngestFailure {
  /// What is wrong, for people.
  package var text: String {
    switch self {
    case .outOfOrder(let expected, let received):
      "leaf \(received) came where leaf \(expected) was due"
    case .newer(let leaf, let words): "leaf \(leaf) cannot be checked here: \(words)"
    case .mismatch(let refused): "leaf \(refused.leaf), \(refused.words)"
    case .altered(let leaf): "leaf \(leaf) came with other bytes than it has here"
    case .badCheckpoint: "the checkpoint is not signed by this workspace's log"
    case .wrongRoot(let size):
      "the log of \(size) leaves that it signed is not of the leaves that came: something was lost or "
        + "altered on the way, or it is not a continuation of the one here"
    case .lagging(let size, let signed):
      "the server shows \(size) leaves of a log that has signed \(signed): an old answer, or it was "
        + "restored from an old copy"
    case .fork(let size):
      "the log's key has signed another history of \(size) leaves, which is not a continuation of "
        + "the one here; the proof is kept"
    case .noLogKey: "the store has no log key; join or publish first"
    }
  }
}
