/// What stands between a client and its server, where that can be told: nothing of the store is wrong.
package enum NetworkFault: Error, Hashable, Sendable {
  /// Nobody listens at the address.
  case nobodyAnswers
  /// The connection ended before the answer was whole, or begun.
  case brokenOff
  /// The network does not know the name of the server's host.
  case unknownHost(String)
  /// The smallest request that there is does not pass: so many bytes, answered with this status by a
  /// program that calls itself `product`; nil where it says no name.
  case tooLarge(bytes: Int, status: Int, product: String?)
  /// Answers break off, however small they are asked for.
  case answersCut(bytes: Int)
  /// The server, or the network, sends requests elsewhere.
  case redirected(to: String)
  /// A web page instead of an answer, as from networks that ask for a login first.
  case webPage(title: String?, status: Int)
  /// Something on the way compressed the answer.
  case compressed(coding: String)
  /// Neither an exchange nor a problem document.
  case otherContent(type: String?, status: Int)
  case certificate(CertificateFault)
  /// What listens speaks no TLS.
  case noTLS
  /// The proxy does not let the connection through.
  case proxy(address: String, reason: String)
  /// So few bytes came, or went, in so many seconds.
  case tooSlow(bytes: Int, seconds: Int, isSending: Bool)
  /// A variable or file that says how to reach servers says nothing that can be used.
  case badSetting(name: String, reason: String)
}

/// Why a server's certificate is not believed.
package enum CertificateFault: Hashable, Sendable {
  /// Since a time in seconds since 1970.
  case expired(Int64)
  /// Not before a time in seconds since 1970.
  case notYetValid(Int64)
  /// It is for other names.
  case otherName(names: [String])
  /// No authority that this machine, or the file that was named, trusts has signed it.
  case unknownAuthority
}
