import AsyncHTTPClient
import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// Looks at a certificate that was not believed, to tell why: the TLS library itself says only that it
/// was not.
///
/// Connects once more, through the same proxy, believing anything; takes the certificate, and breaks
/// off before anything is sent.
struct CertificateDiagnosis {
  let url: String
  let proxy: ProxyChoice?

  /// Ends the connection as soon as it is encrypted.
  private struct Seen: Error {}

  /// What the connection's own task leaves behind.
  private final class Taken: Sendable {
    let certificate = Mutex<NIOSSLCertificate?>(nil)
  }

  /// Why the certificate was not believed.
  func fault(of error: any Error) async -> CertificateFault {
    let isOtherName = NetworkErrors.isOtherName(error)
    guard let certificate = await certificate() else {
      return isOtherName ? .otherName(names: []) : .unknownAuthority
    }
    let (first, last) = (Int64(certificate.notValidBefore), Int64(certificate.notValidAfter))
    let now = Int64(time(nil))
    if last < now { return .expired(last) }
    if first > now { return .notYetValid(first) }
    return isOtherName ? .otherName(names: names(of: certificate)) : .unknownAuthority
  }

  private func certificate() async -> NIOSSLCertificate? {
    guard var configuration = try? Transport.configuration(proxy, nil) else { return nil }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .none
    configuration.tlsConfiguration = tls
    let taken = Taken()
    configuration.http1_1ConnectionDebugInitializer = { channel in
      channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
        taken.certificate.withLock { $0 = certificate }
        throw Seen()
      }
    }
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    _ = try? await client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
    try? await client.shutdown()
    return taken.certificate.withLock { $0 }
  }

  /// The names and addresses that a certificate is for, as its description lists them: the library has
  /// no other public list of them.
  private func names(of certificate: NIOSSLCertificate) -> [String] {
    let label = "alternative_names="
    guard
      let field = certificate.description.dropLast().split(separator: ";")
        .first(where: { $0.hasPrefix(label) })
    else { return [] }
    return field.dropFirst(label.count).split(separator: ",").map(String.init)
  }
}
