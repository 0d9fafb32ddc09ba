import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What the network's libraries throw, in words: no types, pointers or paths of sources.
enum NetworkErrors {
  /// Whether a certificate was not believed.
  static func isUntrusted(_ error: any Error) -> Bool {
    if isOtherName(error) { return true }
    guard case NIOSSLError.handshakeFailed(let failure) = error else { return false }
    return "\(failure)".contains("CERTIFICATE_VERIFY_FAILED")
  }

  /// Whether a certificate is for another name than was asked for.
  static func isOtherName(_ error: any Error) -> Bool {
    guard let error = error as? NIOSSLExtraError else { return false }
    return error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
  }

  static func failure(_ error: any Error, url: String, proxy: ProxyChoice?) -> SyncFailure {
    if let fault = proxyFault(error, proxy) { return .network(url: url, fault) }
    switch error {
    case let error as NIOSSLError: return tlsFailure("\(error)", url)
    case let error as NIOConnectionError:
      if let failed = error.connectionErrors.first?.error {
        return failure(failed, url: url, proxy: proxy)
      }
      return .network(url: url, .unknownHost(error.host))
    case let error as IOError: return failure(number: error.errnoCode, url: url)
    case let error as HTTPParserError where error != .invalidEOFState:
      return .unreachable(url: url, reason: "what answers there does not speak HTTP")
    case is ChannelError, is HTTPParserError: return .network(url: url, .brokenOff)
    case let error as HTTPClientError:
      return words(error).map { .unreachable(url: url, reason: $0) }
        ?? .network(url: url, .brokenOff)
    default:
      return .unreachable(url: url, reason: "the network failed (\(type(of: error)))")
    }
  }

  private static func failure(number: CInt, url: String) -> SyncFailure {
    switch number {
    case ECONNREFUSED: return .network(url: url, .nobodyAnswers)
    case ECONNRESET, ECONNABORTED, EPIPE, ENOTCONN, ESHUTDOWN:
      return .network(url: url, .brokenOff)
    case ENETUNREACH, EHOSTUNREACH, ENETDOWN:
      return .unreachable(url: url, reason: "there is no network, or no way there")
    default: return .unreachable(url: url, reason: String(cString: strerror(number)))
    }
  }

  private static func tlsFailure(_ text: String, _ url: String) -> SyncFailure {
    // What a server that speaks HTTP, or anything else, looks like to TLS.
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return .network(url: url, .noTLS)
    }
    if text.contains("uncleanShutdown") { return .network(url: url, .brokenOff) }
    return .unreachable(url: url, reason: "no encrypted connection comes about")
  }

  /// The proxy's own refusals, and that it is not there.
  private static func proxyFault(_ error: any Error, _ proxy: ProxyChoice?) -> NetworkFault? {
    guard let proxy else { return nil }
    var reason: String?
    switch error {
    case let error as HTTPClientError where error == .proxyAuthenticationRequired:
      reason = "it asks for a name and password"
    case let error as HTTPClientError where error == .invalidProxyResponse:
      reason = "it does not let the connection through"
    case let error as HTTPClientError where error == .httpProxyHandshakeTimeout:
      reason = "it does not answer"
    case let error as IOError where error.errnoCode == ECONNREFUSED: reason = "nobody answers there"
    case let error as NIOConnectionError:
      reason = error.connectionErrors.isEmpty ? "its name is not known" : "nobody answers there"
    default: break
    }
    return reason.map { .proxy(address: proxy.address, reason: $0) }
  }

  /// What kept the client from an answer; nil when the connection just ended.
  private static func words(_ error: HTTPClientError) -> String? {
    switch error {
    case .connectTimeout: "it does not answer: connecting took longer than 10 seconds"
    case .readTimeout: "it said nothing for a minute"
    case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled: nil
    case .tlsHandshakeTimeout: "no encrypted connection comes about within 10 seconds"
    case .writeTimeout: "it took nothing for a minute"
    default: error.shortDescription
    }
  }
}
