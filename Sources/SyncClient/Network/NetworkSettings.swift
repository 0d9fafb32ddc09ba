import NIOSSL

/// What the user's environment and the store say about reaching servers; injected, so that nothing
/// here reads the environment.
package struct NetworkSettings: Sendable {
  /// Variables by their names, as the process was started with them.
  package var variables: [String: String]
  /// PEM of the authorities that alone are trusted, and what names them; nil for the store's own, the
  /// variable's, or the system's.
  package var authorities: Authorities?

  package init(variables: [String: String] = [:], authorities: Authorities? = nil) {
    self.variables = variables
    self.authorities = authorities
  }

  /// The variables that are looked at: the first of each line that is set counts.
  package static let variableNames = [
    "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY",
    "SSL_CERT_FILE",
  ]

  func variable(_ names: String...) -> (name: String, value: String)? {
    for name in names {
      if let value = variables[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }
}

/// The certificates of authorities, in PEM, and where they come from.
package struct Authorities: Hashable, Sendable {
  package var pem: String
  /// A file's name or a variable's.
  package var source: String

  package init(pem: String, source: String) {
    self.pem = pem
    self.source = source
  }

  /// Throws ``NetworkFault/badSetting(name:reason:)`` where there is no certificate.
  package func check() throws(NetworkFault) { _ = try certificates() }

  func certificates() throws(NetworkFault) -> [NIOSSLCertificate] {
    let found = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
    guard let found, !found.isEmpty else {
      throw .badSetting(name: source, reason: "it holds no certificate in PEM form")
    }
    return found
  }
}
