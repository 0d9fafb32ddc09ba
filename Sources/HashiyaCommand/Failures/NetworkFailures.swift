import CommandLineKit
import SyncClient
import SyncProtocol

/// What stands between a store and its server, in words, with what to do about it.
enum NetworkFailures {
  private static let later = "nothing is lost"

  static func failure(_ fault: NetworkFault, url: String) -> CommandFailure {
    switch fault {
    case .nobodyAnswers:
      CommandFailure(
        .unavailable, "nobody answers at \(url)",
        remedy: "\(later); ask whether the server runs, and whether the address is right: "
          + "hashiya server show")
    case .brokenOff:
      CommandFailure(
        .unavailable, "the connection to \(url) broke off",
        remedy: "\(later); what came is kept; try again: hashiya sync" + tlsHint(url))
    case .unknownHost(let host):
      CommandFailure(
        .unavailable, "the name \(host) is not known here",
        remedy: "\(later); is there a network? If the server has moved: hashiya server set URL")
    case .tooLarge(let bytes, let status, let product):
      CommandFailure(
        .unavailable,
        "\(proxyName(product)) before \(url) lets no request of \(counted(bytes, "byte")) pass "
          + "(\(status)), and nothing smaller can be sent",
        remedy: "\(later); ask its operator to allow bodies of "
          + "\((Limits.requestBytesMax >> 20) + 1) MiB (nginx: client_max_body_size), or at least of "
          + "\((Limits.encodedBatchBytesMax >> 20) + 1) MiB")
    case .answersCut(let bytes):
      CommandFailure(
        .unavailable,
        "answers from \(url) break off after \(counted(bytes, "byte")), however little is asked "
          + "for",
        remedy:
          "what came is kept; ask the operator of the proxy before the server to allow answers "
          + "of \((Limits.responseBytesMax >> 20) + 1) MiB, or at least of "
          + "\((Limits.frameBytesMax >> 20) + 1) MiB")
    case .redirected(let target):
      redirected(to: target, url)
    case .webPage(let title, let status):
      CommandFailure(
        .unavailable,
        "instead of the server, a web page answers at \(url)\(title.map { ": “\($0)”" } ?? "") "
          + "(\(status))",
        remedy: "a network may want you to log in: open a browser; otherwise the address is wrong: "
          + "hashiya server show")
    case .compressed(let coding):
      CommandFailure(
        .unavailable,
        "something on the way to \(url) compressed the answer (\(coding)), which a server never does",
        remedy: "nothing of it was taken in; ask the operator of the proxy to switch that off for "
          + "\(Answers.type)")
    case .otherContent(let type, let status):
      CommandFailure(
        .unavailable,
        "what answers at \(url) is no Hashiya server: \(status), \(type ?? "without a type")",
        remedy: "\(later); is the address right? hashiya server show")
    case .certificate(let fault): certificate(fault, url)
    case .noTLS:
      CommandFailure(
        .unavailable, "what listens at \(url) speaks no TLS",
        remedy: "\(later); is the port right? hashiya server show")
    case .proxy(let address, let reason):
      CommandFailure(
        .unavailable, "the proxy \(address) does not lead to \(url): \(reason)",
        remedy: "\(later); see HTTPS_PROXY (http://USER:PASSWORD@HOST:PORT) and NO_PROXY")
    case .tooSlow(let bytes, let seconds, let isSending):
      CommandFailure(
        .unavailable,
        isSending
          ? "\(url) took nothing for \(seconds) seconds"
          : "the answer of \(url) came too slowly: \(bytes) bytes in \(seconds) seconds",
        remedy: "what came is kept; try again on a better network")
    case .badSetting(let name, let reason):
      CommandFailure(.noInput, "\(name) cannot be used: \(reason)")
    }
  }

  /// What answers unencrypted requests with anything but HTTP often speaks TLS.
  static func tlsHint(_ url: String) -> StyledText {
    guard let parts = ServerAddressParts(url: url), !parts.isEncrypted else { return "" }
    return "; if TLS is spoken there, its address is https://… and not http://…"
  }

  private enum Answers {
    static let type = "application/vnd.hashiya.exchange"
  }

  private static func proxyName(_ product: String?) -> String {
    product.map { "the proxy \($0)" } ?? "a proxy"
  }

  private static func redirected(to target: String, _ url: String) -> CommandFailure {
    if let address = try? ServerURL.accept(target) {
      return CommandFailure(
        .unavailable, "\(url) says that it has moved to \(address)",
        remedy: "if its operator says so too: hashiya server set \(argument: address)")
    }
    let origin = ServerAddressParts.origin(of: target).flatMap { try? ServerURL.accept($0) }
    return CommandFailure(
      .unavailable, "\(url) sends requests elsewhere: to \(target)",
      remedy: "a network may want you to log in: open a browser; nothing is lost"
        + (origin.map { "; if the server has moved: hashiya server set \(argument: $0)" } ?? ""))
  }

  /// The same while a workspace is being published: it is on no server yet, so that `server` has nothing
  /// to show or to set, and the address is the code's.
  static func publishing(_ fault: NetworkFault, url: String) -> CommandFailure {
    var failure = Self.failure(fault, url: url)
    switch fault {
    case .certificate(.unknownAuthority):
      failure.remedy =
        "if it is of an authority of your own: hashiya publish CODE --ca FILE; "
        + "otherwise somebody may be listening in"
    case .nobodyAnswers, .unknownHost, .redirected, .webPage, .otherContent, .noTLS,
      .certificate(.otherName):
      failure.remedy =
        "nothing was published; the address is the code's: if it is not right, ask the "
        + "server's operator for another code"
    case .brokenOff:
      failure.remedy = "nothing is lost; try again: hashiya publish CODE"
    case .tooLarge, .answersCut, .compressed, .certificate(.expired), .certificate(.notYetValid),
      .proxy, .tooSlow, .badSetting:
      break
    }
    return failure
  }

  private static func certificate(_ fault: CertificateFault, _ url: String) -> CommandFailure {
    switch fault {
    case .expired(let time):
      CommandFailure(
        .unavailable, "the certificate of \(url) expired on \(TimeText.short(time * 1000))",
        remedy: "its operator has to renew it, unless this machine's clock is wrong")
    case .notYetValid(let time):
      CommandFailure(
        .unavailable,
        "the certificate of \(url) is valid only from \(TimeText.short(time * 1000)) on",
        remedy: "is this machine's clock right?")
    case .otherName(let names):
      CommandFailure(
        .unavailable,
        "the certificate of \(url) is for another name\(listed(names))",
        remedy: "use the address that it is for: hashiya server set URL")
    case .unknownAuthority:
      CommandFailure(
        .unavailable,
        "the certificate of \(url) is signed by nobody whom this machine trusts",
        remedy: "if it is of an authority of your own: "
          + "hashiya server set \(argument: url) --ca FILE; otherwise somebody may be listening in")
    }
  }
}

/// Some of the names, behind a colon.
private func listed(_ names: [String]) -> String {
  names.isEmpty ? "" : ": " + names.prefix(5).joined(separator: ", ")
}
