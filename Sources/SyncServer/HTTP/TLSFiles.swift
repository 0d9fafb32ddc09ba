import Glibc
import HummingbirdTLS
import NIOSSL

/// The PEM files of a server's certificate, with those that lead to its authority, and of its key.
package struct TLSFiles: Sendable {
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// What TLS is set up with: version 1.2 at least.
  func configuration() throws(ServerFailure) -> TLSConfiguration {
    let chain: [NIOSSLCertificate]
    try Self.checkReadable(certificate)
    do {
      chain = try NIOSSLCertificate.fromPEMFile(certificate)
    } catch {
      throw .badCertificate(path: certificate, reason: "it holds no certificate in PEM form")
    }
    guard !chain.isEmpty else {
      throw .badCertificate(path: certificate, reason: "it holds no certificate")
    }
    let privateKey: NIOSSLPrivateKey
    try Self.checkReadable(key)
    do {
      privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
    } catch {
      throw .badCertificate(path: key, reason: "it holds no private key in PEM form")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    do {
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .badCertificate(path: key, reason: "it is not the key of \(certificate)")
    }
    return configuration
  }

  /// Says what the system says of a file that cannot be read, which the TLS library keeps to itself.
  private static func checkReadable(_ path: String) throws(ServerFailure) {
    guard access(path, R_OK) != 0 else { return }
    throw .badCertificate(path: path, reason: systemReason())
  }
}
