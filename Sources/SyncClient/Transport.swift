import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import SyncProtocol

/// One request's answer, body still to come.
struct Answer {
  var status: Int
  /// The server's clock, seconds since 1970, where it said.
  var date: Int64?
  var body: HTTPClientResponse.Body
}

/// HTTP to one server.
struct Transport {
  let url: String
  let client: HTTPClient

  /// Connections are refused redirects, and a silent server is given up after a minute; one that is
  /// not there at once, where the client by default goes on knocking until the time for connecting
  /// is over.
  static func makeClient() -> HTTPClient {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Posts `body`; throws ``SyncFailure/unreachable(url:reason:)`` when there is no answer.
  ///
  /// - Parameter token: nil for what anybody may ask.
  func post(_ path: String, token: String?, body: RequestBody) async throws(SyncFailure) -> Answer {
    var base = url
    while base.hasSuffix("/") { base.removeLast() }
    var request = HTTPClientRequest(url: base + path)
    request.method = .POST
    if let token { request.headers.add(name: "authorization", value: "Bearer " + token) }
    request.headers.add(name: "content-type", value: "application/vnd.hashiya.exchange")
    request.headers.add(
      name: "accept",
      value:
        "application/vnd.hashiya.exchange, application/vnd.hashiya.healing, application/problem+json"
    )
    request.body = .stream(body, length: .known(Int64(body.bytes.count)))
    do {
      let response = try await client.execute(request, deadline: .distantFuture)
      let date = response.headers.first(name: "date").flatMap(httpDateSeconds)
      return Answer(
        status: Int(response.status.code), date: date,
        body: response.body)
    } catch {
      throw .unreachable(url: url, reason: Self.reason(error))
    }
  }

  /// What went wrong, without types and pointers.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: "\(error)".replacing("HTTPClientError.", with: "")
    case let error as IOError: error.description
    default: "\(error)".prefix(200).description
    }
  }
}

/// A problem document (RFC 9457) as the client reads it.
struct Problem: Decodable {
  var code: String?
  var title: String?
  var detail: String?
  /// Why a log takes nothing in, the leaves that it has, and those that it signed.
  var reason: String?
  var treeSize: UInt64?
  var signedSize: UInt64?
  /// A signed note.
  var checkpoint: String?

  enum CodingKeys: String, CodingKey {
    case code, title, detail, reason, checkpoint
    case treeSize = "tree_size"
    case signedSize = "signed_size"
  }

  /// Reads a body of at most 64 KiB; an unreadable one is an empty problem.
  init(_ body: HTTPClientResponse.Body) async {
    guard let buffer = try? await body.collect(upTo: 64 << 10),
      let problem = try? JSONDecoder().decode(
        Problem.self, from: Data(buffer.readableBytesView))
    else {
      self.init()
      return
    }
    self = problem
  }

  init(code: String? = nil, detail: String? = nil) {
    self.code = code
    self.detail = detail
  }
}
