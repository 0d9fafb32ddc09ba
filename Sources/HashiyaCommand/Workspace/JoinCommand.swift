import ArgumentParser
import CommandLineKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// `join`: a store from an invite.
struct JoinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join",
    abstract: "Join a workspace with an invite.",
    discussion: """
      Makes DIR/.hashiya with a new signing key, enrols it, pins the key of the
      workspace's log and brings everything. The code works once; where a join was
      interrupted, the same code goes on with it in the same folder. Give - to read it
      from standard input, so that it stays out of the shell's history.

      Examples:
        hashiya join - < invite.txt
        hashiya join "$CODE" demo/omar
      """)

  @Argument(help: "The line that `invite` or `device add` printed, or - for standard input.")
  var code: String

  @Argument(help: "The folder that gets the .hashiya folder; made where it is missing.")
  var dir: String = "."

  @OptionGroup var device: DeviceNameOption

  @OptionGroup var network: NetworkOptions

  @OptionGroup var options: StoreOptions
}

extension JoinCommand {
  func run() async throws {
    let invite = try ShareCodes.read(code, for: .invite, options.console)
    let device = try device.name()
    let folder = try StoreLocation.new(in: dir, options)
    let authorities = try network.read()
    let (workspace, isNew) = try begin(invite, device: device, in: folder)
    try workspace.remember(authorities: authorities?.pem)
    let outcome: SyncOutcome
    do {
      outcome = try await Exchange(workspace, options.console).run(.sync)
    } catch let failure as SyncFailure {
      // Refused for good, so that nothing of the store can ever be of use; an enrolment that was
      // accepted, and whose answer was lost, is not refused when it comes again (ruling 18). Once
      // any of the log came, the replica is enrolled, whatever later rounds of the sync meet.
      // What was made here since an earlier join is never thrown away.
      let (isBare, evidence) = try workspace.query { reader in
        (try reader.log.treeSize == 0 && reader.pendingCount() <= 1, try reader.evidence())
      }
      if isBare, let proof = evidence.first {
        throw try Self.discard(workspace, proof, failure, in: dir)
      }
      if failure.isRefusal, isBare {
        // Nobody signs a refusal, and an earlier join may have been enrolled and not have heard of it.
        guard isNew else { throw Self.keeping(folder, failure) }
        try workspace.discard()
        throw Self.failure(failure, invite)
      }
      // The enrolment is pending in the store; nothing of the code is lost.
      options.console.warn(
        "the join in \(folder) is not finished; whether or not the server has enrolled it, go on with "
          + "hashiya sync there, or the same hashiya join")
      if case .store(.diskFull) = failure {
        throw CommandFailure(
          .ioError, "the disk is full: what the workspace has finds no room",
          remedy: "free some space, and type the same again")
      }
      throw failure
    }
    try WorkspaceIdentity(workspace).print(on: options.console) { identity in
      [
        "\(identity.analyst) joined, in \(folder).",
        "\(counted(outcome.pulledChanges, "change")) came, and all is in sync with the server.",
      ]
    }
    options.console.note("next: hashiya status")
  }

  /// A refusal of a store that an earlier join began: its key may be the one that spent the code.
  private static func keeping(_ folder: String, _ failure: SyncFailure) -> CommandFailure {
    var refusal =
      FailureTable.failure(for: failure)
      ?? CommandFailure(.notPermitted, "the server does not let it join")
    refusal.remedy =
      "the store in \(folder) is kept, since the code may be spent by it: try hashiya sync there; if the "
      + "server goes on refusing it, ask for a new invite and remove the folder"
    return refusal
  }

  /// A server that signed a lie gets no store: what proves it is left beside where the store was to be.
  private static func discard(
    _ workspace: Workspace, _ proof: KeptEvidence, _ failure: SyncFailure, in dir: String
  ) throws -> CommandFailure {
    let file = "\(dir)/hashiya-evidence.json"
    try workspace.discard()
    do throws(CommandFailure) {
      try NewFile.write(proof.document.encoded, to: file)
    } catch {
      guard error.code == .cannotCreate else { throw error }
    }
    let what = (try? proof.document.check().accusation) ?? "\(failure)"
    return CommandFailure(
      .protocolError, "what the server sent does not hold: \(what)",
      remedy: "no store was made; the proof is in \(file): ask whoever invited you")
  }

  /// A new store, or the one that an earlier join with this code began here.
  private func begin(
    _ invite: ShareCode, device: String?, in folder: String
  ) throws -> (Workspace, isNew: Bool) {
    do {
      let workspace = try StoreLocation.making {
        try Workspace.join(in: folder, invite: invite, device: device, machine: .system)
      }
      return (workspace, true)
    } catch StoreFailure.alreadyExists(let path) {
      let workspace = try Workspace(opening: folder, machine: .system)
      guard try workspace.isOf(invite) else { throw StoreFailure.alreadyExists(path: path) }
      options.console.note("this code made the store in \(folder) before; going on with it")
      return (workspace, false)
    }
  }

  /// A server that has another workspace, or none, under the code's name makes it a bad code.
  private static func failure(_ failure: SyncFailure, _ invite: ShareCode) -> any Error {
    let (code, detail): (String, String)
    switch failure {
    case .problem(_, let stated, let text): (code, detail) = (stated, text)
    case .noWorkspace(let stated, let text): (code, detail) = (stated.rawValue, text)
    case .notPermitted(let what):
      return CommandFailure(
        .notPermitted, "the server does not permit it: \(what)",
        remedy: "if you used the code yourself, go on in the folder where you did: hashiya sync; "
          + "otherwise ask for a new invite")
    case .notConfigured, .publication, .unreachable, .network, .retryLater, .serverRestored,
      .upgradeNeeded, .serverDamaged, .proof, .forked, .revoked, .store:
      return failure
    }
    return CommandFailure(
      .badData,
      "the code does not fit what \(invite.url) has as \(invite.slot) (\(code)): \(detail)",
      remedy: "ask for a new invite; nothing was made here")
  }
}
