import FoundationEssentials
import HTTPTypes
import Hummingbird
import MergeCore
import NIOCore
import SyncProtocol
import TransparencyLog

/// Answers requests: finds what they name, checks who sends them, and turns errors into problem
/// documents.
struct ServerResponder: HTTPResponder {
  /// What Hummingbird knows of where a request comes from.
  struct Context: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  let registry: WorkspaceRegistry
  let connections: Connections
  let log: RequestLog
  let budget = BodyBudget(
    bytesMax: ServerLimits.memberBodyBytesMax, memberBytesMax: ServerLimits.oneMemberBodyBytesMax)
  /// Work for strangers of all workspaces, so that they share one processor among themselves.
  let strangers = WorkQueue(label: "strangers", isConcurrent: false)
  let clock: ServerClock
  let readiness: Readiness

  func respond(to request: Request, context: Context) async throws -> Response {
    var record = RequestRecord(
      method: request.method.rawValue, path: request.uri.path, metrics: connections.metrics)
    do {
      guard let connection = connections.connection(of: context.channel) else { throw SenderGone() }
      return try await serve(request, connection, &record)
    } catch {
      return respond(to: error, record)
    }
  }

  private func serve(
    _ request: Request, _ connection: Connection, _ record: inout RequestRecord
  ) async throws -> Response {
    guard let target = RequestTarget(path: request.uri.path) else { throw Problem.notFound }
    record.route = target.route
    guard request.method.rawValue == target.method else {
      throw Problem.methodNotAllowed(allowed: target.method)
    }
    switch target {
    case .health:
      let body = jsonBytes(Health())
      return respond(body, type: "application/json", record)
    case .ready:
      return respond(await readiness.reasons(), record)
    case .exchange(let name):
      let visit = try await authenticate(request, name, connection, &record)
      return try await withTaskExecutorPreference(visit.executor) {
        try await serveExchange(request, visit, connection, &record)
      }
    case .heal(let name):
      // A slot that cannot be opened is to strangers as one that is not there.
      let workspace = try? await registry.workspace(name)
      return try await serveHealing(request, workspace, connection, &record)
    case .checkpoint(let name):
      let visit = try await authenticate(request, name, connection, &record)
      return try await withTaskExecutorPreference(visit.executor) {
        try await serveCheckpoint(try visit.reading(), record)
      }
    case .tile(let tile, let name):
      let visit = try await authenticate(request, name, connection, &record)
      return try await withTaskExecutorPreference(visit.executor) {
        try await serveTile(tile, try visit.reading(), record)
      }
    }
  }

  private struct Health: Encodable {
    var status = "ok"
    var `protocol` = [exchangeProtocolVersion]
  }

  private static let scheme = "bearer "

  /// The workspace that a path names, as far as it can be read, and whose a replica is there.
  private func address(_ name: String, from replica: ReplicaID) async -> Addressed {
    var addressed = Addressed(audiences: [name])
    do {
      guard let workspace = try await registry.workspace(name) else { return addressed }
      addressed.workspace = workspace
      // Where this runs, a look-up may block: on a queue of its own it would cost more than it takes.
      let found = try workspace.lookUp(replica)
      addressed.audiences += [workspace.name] + (found.workspace.map { [$0.hex] } ?? [])
      addressed.sender = try found.sender.get()
    } catch {
      addressed.failure = error
    }
    return addressed
  }

  /// The proof of who asks, and the workspace that a path names, which may not be there: strangers get
  /// the same answers then as from one that is.
  private func authenticate(
    _ request: Request, _ name: String, _ connection: Connection, _ record: inout RequestRecord
  ) async throws -> Visit {
    // Names of schemes are compared without case (RFC 9110 § 11.1).
    guard let header = request.headers[.authorization],
      header.prefix(Self.scheme.count).lowercased() == Self.scheme
    else { throw Problem.tokenMissing }
    let unchecked = try UncheckedToken(String(header.dropFirst(Self.scheme.count)))
    let addressed = await address(name, from: unchecked.replica)
    let token = try unchecked.verified(audiences: addressed.audiences, now: clock.now() / 1000)
    record.replica = token.replica
    if let failure = addressed.failure {
      connection.remainStranger()
      throw failure
    }
    switch addressed.sender {
    case .member(let member):
      connection.becomeMember(member)
      record.isMembers = true
      return Visit(workspace: addressed.workspace, token: token, member: member)
    case .revoked: throw Problem.revoked
    case .stranger:
      // That two names are one workspace's is nothing for strangers.
      guard token.audience == name else { throw RequestTokenError.wrongAudience }
      connection.remainStranger()
      return Visit(workspace: addressed.workspace, token: token, member: nil)
    }
  }
}

/// What a path names, and who a token says it is from.
private struct Addressed {
  /// Nil where there is none.
  var workspace: HostedWorkspace?
  /// The names that a token for it may bear.
  var audiences: [String]
  /// Whose the replica is that the token names.
  var sender = Sender.stranger
  /// Why nobody can be looked up in it: told to whoever proves who asks, and not before.
  var failure: (any Error)?
}

/// Who asks what workspace.
struct Visit: Sendable {
  /// Nil where the path names none.
  let workspace: HostedWorkspace?
  let token: RequestToken
  /// The member whose replica it is; nil for a stranger.
  let member: [UInt8]?

  var isMember: Bool { member != nil }

  /// What its steps run on; nil for where strangers' do.
  var executor: MemberExecutor? { isMember ? .shared : nil }

  /// The workspace, for those who may read it.
  func reading() throws(Problem) -> HostedWorkspace {
    guard let workspace, isMember else { throw .notEnrolled }
    return workspace
  }
}

// MARK: - The log's files

extension ServerResponder {
  private func serveCheckpoint(
    _ workspace: HostedWorkspace, _ record: RequestRecord
  ) async throws -> Response {
    let note = try await workspace.reads.run { try workspace.processCheckpoint() }
    guard let note else { throw Problem.slotEmpty }
    return respond(note, type: "text/plain; charset=utf-8", record, cached: "no-cache")
  }

  private func serveTile(
    _ tile: Tile, _ workspace: HostedWorkspace, _ record: RequestRecord
  ) async throws -> Response {
    let bytes = try await workspace.reads.run { try workspace.processTile(tile) }
    guard let bytes else { throw Problem.notFound }
    return respond(
      bytes, type: "application/octet-stream", record,
      cached: "private, max-age=31536000, immutable")
  }
}

// MARK: - Answers

extension ServerResponder {
  /// A whole answer of a known length.
  private func respond(
    _ bytes: [UInt8], type: String, _ record: RequestRecord, cached: String = "no-store"
  ) -> Response {
    record.log(to: log, status: 200, sentBytes: bytes.count)
    return Response(
      status: .ok, headers: [.contentType: type, .cacheControl: cached],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private struct Ready: Encodable {
    var status: String
    var reasons: [String]
  }

  /// Whether changes are taken in.
  private func respond(_ reasons: [Readiness.Reason], _ record: RequestRecord) -> Response {
    guard !reasons.isEmpty else {
      return respond(
        jsonBytes(Ready(status: "ready", reasons: [])), type: "application/json", record)
    }
    let bytes = jsonBytes(Ready(status: "not-ready", reasons: reasons.map(\.rawValue)))
    record.log(to: log, status: 503, sentBytes: bytes.count)
    return Response(
      status: .serviceUnavailable,
      headers: [.contentType: "application/json", .cacheControl: "no-store", .retryAfter: "5"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// The problem document for an error, and a line for the operator.
  private func respond(to error: any Error, _ record: RequestRecord) -> Response {
    let problem = Problem(error)
    let document = ProblemDocument(problem)
    let bytes = document.encoded
    switch problem.code {
    case .internalError, .logDamaged:
      record.log(
        failure: error, to: log, status: document.status, sentBytes: bytes.count,
        code: document.code)
    default:
      record.log(
        to: log, status: document.status, sentBytes: bytes.count, code: document.code)
    }
    var headers: HTTPFields = [
      .contentType: "application/problem+json", .cacheControl: "no-store",
    ]
    if document.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
    if document.status == 503 { headers[.retryAfter] = "5" }
    if case .methodNotAllowed(let allowed) = problem { headers[.allow] = allowed }
    return Response(
      status: .init(code: document.status, reasonPhrase: document.title), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
