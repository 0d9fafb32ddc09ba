import AsyncHTTPClient

/// Which proxy a request goes through, by the variables that other programs obey too: `HTTPS_PROXY`,
/// `HTTP_PROXY` and `NO_PROXY`, in capitals or not.
struct ProxyChoice: Equatable {
  var host: String
  var port: Int
  /// `user:password`, as the proxy asks for it.
  var credentials: String?

  /// Host and port, as people write them.
  var address: String { "\(host):\(port)" }

  /// The proxy for a server; nil where there is none, or the server is excepted.
  ///
  /// Throws ``NetworkFault/badSetting(name:reason:)`` for a variable that names no proxy, so that
  /// nobody's requests go another way than they said.
  init?(for server: ServerAddressParts, _ settings: NetworkSettings) throws(NetworkFault) {
    let named =
      server.isEncrypted
      ? settings.variable("https_proxy", "HTTPS_PROXY")
      : settings.variable("http_proxy", "HTTP_PROXY")
    guard let named else { return nil }
    if let exceptions = settings.variable("no_proxy", "NO_PROXY"),
      Self.excepts(server, exceptions.value)
    {
      return nil
    }
    self = try Self.parse(named.value, of: named.name)
  }

  /// `[http://][user:password@]host[:port][/]`.
  private init?(_ text: String) {
    var rest = text[...]
    if let scheme = rest.range(ofCharacters: "://") {
      guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
      rest = rest[scheme.upperBound...]
    }
    while rest.hasSuffix("/") { rest.removeLast() }
    credentials = nil
    if let at = rest.lastIndex(of: "@") {
      credentials = percentDecoded(rest[..<at])
      rest = rest[rest.index(after: at)...]
    }
    guard let parts = ServerAddressParts(hostAndPort: rest, defaultPort: 80) else { return nil }
    (host, port) = (parts.host, parts.port)
  }

  private static func parse(_ text: String, of name: String) throws(NetworkFault) -> ProxyChoice {
    guard let choice = ProxyChoice(text) else {
      throw .badSetting(
        name: name, reason: "it is no proxy's address, such as http://proxy.example:3128")
    }
    return choice
  }

  /// A list of hosts and domains, separated by commas or spaces; `*` is every host, and a port may
  /// stand behind a host.
  private static func excepts(_ server: ServerAddressParts, _ list: String) -> Bool {
    list.split { $0 == "," || $0 == " " }.contains { item in
      if item == "*" { return true }
      var item = item.lowercased()[...]
      if item.hasPrefix("*.") { item.removeFirst() }
      if let parts = ServerAddressParts(hostAndPort: item, defaultPort: server.port) {
        guard parts.port == server.port else { return false }
        item = parts.host[...]
      }
      while item.hasPrefix(".") { item.removeFirst() }
      return !item.isEmpty
        && (server.host.utf8.elementsEqual(item.utf8) || server.host.hasSuffix("." + item))
    }
  }

  /// As the HTTP client takes it.
  var configuration: HTTPClient.Configuration.Proxy {
    guard let credentials else { return .server(host: host, port: port) }
    let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return .server(
      host: host, port: port,
      authorization: .basic(
        username: String(parts[0]), password: parts.count > 1 ? String(parts[1]) : ""))
  }
}

extension Substring {
  /// Where these ASCII characters stand first.
  fileprivate func range(ofCharacters text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}

/// Text in which `%XX` stands for a byte; what is no such thing stays as it is.
private func percentDecoded(_ text: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.first {
    if byte == UInt8(ascii: "%"), rest.count >= 3,
      let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
      rest = rest.dropFirst()
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
