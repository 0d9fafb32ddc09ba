import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import MergeCore
import NIOCore
import SyncProtocol
import TransparencyLog

/// Answers requests: finds what they name, checks who sends them, and turns errors into problem
/// documents.
struct ServerResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let registry: WorkspaceRegistry
  let logger: Logger
  let budgets = (
    members: BodyBudget(bytesMax: ServerLimits.memberBodyBytesMax),
    strangers: BodyBudget(bytesMax: ServerLimits.strangerBodyBytesMax)
  )
  /// Milliseconds since 1970.
  let now: @Sendable () -> Int64

  func respond(to request: Request, context: Context) async throws -> Response {
    var record = RequestRecord(method: request.method.rawValue, path: request.uri.path)
    do {
      return try await serve(request, &record)
    } catch {
      return respond(to: error, record)
    }
  }

  private func serve(_ request: Request, _ record: inout RequestRecord) async throws -> Response {
    guard let target = RequestTarget(path: request.uri.path) else { throw Problem.notFound }
    guard request.method.rawValue == target.method else {
      throw Problem.methodNotAllowed(allowed: target.method)
    }
    switch target {
    case .health:
      let body = jsonBytes(Health())
      return respond(body, type: "application/json", record)
    case .exchange(let name):
      let (workspace, token) = try await authenticate(request, name, &record)
      return try await serveExchange(request, workspace, token, &record)
    case .checkpoint(let name):
      let (workspace, token) = try await authenticate(request, name, &record)
      return try await serveCheckpoint(workspace, token, record)
    case .tile(let tile, let name):
      let (workspace, token) = try await authenticate(request, name, &record)
      return try await serveTile(tile, workspace, token, record)
    }
  }

  private struct Health: Encodable {
    var status = "ok"
    var `protocol` = [exchangeProtocolVersion]
  }

  private static let scheme = "bearer "

  /// The workspace that a path names, and the proof of who asks.
  private func authenticate(
    _ request: Request, _ name: String, _ record: inout RequestRecord
  ) async throws -> (HostedWorkspace, RequestToken) {
    guard let workspace = try await registry.workspace(name) else { throw Problem.unknownWorkspace }
    // Names of schemes are compared without case (RFC 9110 § 11.1).
    guard let header = request.headers[.authorization],
      header.prefix(Self.scheme.count).lowercased() == Self.scheme
    else { throw Problem.tokenMissing }
    let id = try await workspace.reads.run { try workspace.workspaceID() }
    let token = try await RequestToken(
      verifying: String(header.dropFirst(Self.scheme.count)),
      audiences: [workspace.name] + (id.map { [$0.hex] } ?? []), now: now() / 1000)
    record.replica = token.replica
    return (workspace, token)
  }
}

// MARK: - The log's files

extension ServerResponder {
  private func serveCheckpoint(
    _ workspace: HostedWorkspace, _ token: RequestToken, _ record: RequestRecord
  ) async throws -> Response {
    let note = try await workspace.reads.run {
      try workspace.checkReader(token.replica)
      return try workspace.processCheckpoint()
    }
    guard let note else { throw Problem.slotEmpty }
    return respond(note, type: "text/plain; charset=utf-8", record, cached: "no-cache")
  }

  private func serveTile(
    _ tile: Tile, _ workspace: HostedWorkspace, _ token: RequestToken, _ record: RequestRecord
  ) async throws -> Response {
    let bytes = try await workspace.reads.run {
      try workspace.checkReader(token.replica)
      return try workspace.processTile(tile)
    }
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
    record.log(to: logger, status: 200, sentBytes: bytes.count)
    return Response(
      status: .ok, headers: [.contentType: type, .cacheControl: cached],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// The problem document for an error, and a line for the operator.
  private func respond(to error: any Error, _ record: RequestRecord) -> Response {
    let problem = Problem(error)
    let document = ProblemDocument(problem)
    let bytes = document.encoded
    if case .internalError = problem {
      record.log(failure: error, to: logger, status: document.status, sentBytes: bytes.count)
    } else {
      record.log(
        to: logger, status: document.status, sentBytes: bytes.count, code: document.code)
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
