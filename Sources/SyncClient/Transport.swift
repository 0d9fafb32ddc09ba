import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL
import SyncProtocol

/// One request's answer, body still to come.
struct Answer {
  var status: Int
  /// The server's clock, seconds since 1970, where it said.
  var date: Int64?
  /// The media type without its parameters, in lowercase.
  var contentType: String?
  /// Another coding than `identity`.
  var contentCoding: String?
  /// Where a redirect leads.
  var location: String?
  /// What the program that answered calls itself.
  var product: String?
  var body: HTTPClientResponse.Body

  fileprivate init(_ response: HTTPClientResponse) {
    let headers = response.headers
    status = Int(response.status.code)
    date = headers.first(name: "date").flatMap(httpDateSeconds)
    contentType = headers.first(name: "content-type")
      .map { $0.prefix { $0 != ";" }.lowercased().filter { $0 != " " } }
    contentCoding = headers.first(name: "content-encoding").map { $0.lowercased() }
      .flatMap { $0 == "identity" || $0.isEmpty ? nil : $0 }
    location = headers.first(name: "location")
    product = headers.first(name: "server")
    body = response.body
  }
}

/// HTTP to one server, directly or through the proxy that the environment names.
struct Transport: Sendable {
  let url: String
  let proxy: ProxyChoice?
  private let authorities: Authorities?
  private let client: HTTPClient

  /// Throws ``NetworkFault/badSetting(name:reason:)`` for an address, a variable or certificates that
  /// cannot be used.
  init(to url: String, _ settings: NetworkSettings) throws(NetworkFault) {
    guard let parts = ServerAddressParts(url: url) else {
      throw .badSetting(name: url, reason: "it is no address of a server")
    }
    self.url = url
    proxy = try ProxyChoice(for: parts, settings)
    authorities = try settings.effectiveAuthorities()
    client = HTTPClient(
      eventLoopGroupProvider: .singleton,
      configuration: try Self.configuration(proxy, authorities))
  }

  func close() async { try? await client.shutdown() }

  /// Connections are refused redirects, and a silent server is given up after a minute; one that is
  /// not there at once, where the client by default goes on knocking until the time for connecting
  /// is over.
  static func configuration(
    _ proxy: ProxyChoice?, _ authorities: Authorities?
  ) throws(NetworkFault) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.proxy = proxy?.configuration
    if let authorities {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(try authorities.certificates())
      configuration.tlsConfiguration = tls
    }
    return configuration
  }

  /// Posts `body`; throws a ``SyncFailure`` when there is no answer.
  ///
  /// - Parameter token: nil for what anybody may ask.
  func post(_ path: String, token: String?, body: RequestBody) async throws(SyncFailure) -> Answer {
    var request = HTTPClientRequest(url: withoutSlashes(url) + path)
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
      return Answer(try await client.execute(request, deadline: .distantFuture))
    } catch {
      throw await failure(error)
    }
  }

  /// Gets a small file of the log, all of it within a minute; throws a ``SyncFailure`` when there is no
  /// answer.
  func get(_ path: String, token: String) async throws(SyncFailure) -> Answer {
    var request = HTTPClientRequest(url: withoutSlashes(url) + path)
    request.headers.add(name: "authorization", value: "Bearer " + token)
    do {
      return Answer(try await client.execute(request, timeout: .seconds(60)))
    } catch {
      throw await failure(error)
    }
  }

  /// What an error of the network is to people; a certificate that is not believed is looked at.
  func failure(_ error: any Error) async -> SyncFailure {
    if NetworkErrors.isUntrusted(error) {
      let fault = await CertificateDiagnosis(url: url, proxy: proxy).fault(of: error)
      return .network(url: url, .certificate(fault))
    }
    return NetworkErrors.failure(error, url: url, proxy: proxy)
  }
}

extension NetworkSettings {
  /// The store's or the option's authorities, else those of the variable's file; nil for the system's.
  fileprivate func effectiveAuthorities() throws(NetworkFault) -> Authorities? {
    if let authorities { return authorities }
    guard let (name, path) = variable("SSL_CERT_FILE") else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw .badSetting(name: "\(name)=\(path)", reason: "no such file can be read")
    }
    guard bytes.count <= ClientLimits.authorityBytesMax else {
      throw .badSetting(
        name: "\(name)=\(path)",
        reason: "it has more than \(ClientLimits.authorityBytesMax) bytes")
    }
    return Authorities(pem: String(decoding: bytes, as: UTF8.self), source: "\(name)=\(path)")
  }
}

/// An address without the slashes at its end.
func withoutSlashes(_ url: String) -> String {
  var url = url
  while url.hasSuffix("/") { url.removeLast() }
  return url
}

/// A problem document (RFC 9457) as the client reads it.
struct Problem: Decodable {
  var code: String?
  var title: String?
  var detail: String?
  /// A signed note.
  var checkpoint: String?
  /// Why a log takes nothing in, the leaves that it has, and those that it signed.
  var reason: String?
  var treeSize: UInt64?
  var signedSize: UInt64?

  enum CodingKeys: String, CodingKey {
    case code, title, detail, checkpoint, reason
    case treeSize = "tree_size"
    case signedSize = "signed_size"
  }

  /// Reads a body of at most 64 KiB; an unreadable one is an empty problem.
  init(_ body: HTTPClientResponse.Body) async {
    guard let buffer = try? await body.collect(upTo: ClientLimits.problemBytesMax),
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
