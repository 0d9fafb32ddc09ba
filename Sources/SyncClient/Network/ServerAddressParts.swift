/// The parts of an address that decide how it is reached.
package struct ServerAddressParts: Equatable, Sendable {
  package var isEncrypted: Bool
  /// In lowercase; an IPv6 address without its brackets.
  package var host: String
  package var port: Int

  /// The parts of `http://HOST[:PORT]/…` or `https://…`; nil for anything else.
  package init?(url: String) {
    let schemes = [("http://", false, 80), ("https://", true, 443)]
    guard
      let (prefix, isEncrypted, port) = schemes.first(where: {
        url.lowercased().hasPrefix($0.0)
      })
    else { return nil }
    let authority = url.dropFirst(prefix.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else { return nil }
    self.init(hostAndPort: authority, defaultPort: port)
    self.isEncrypted = isEncrypted
  }

  /// Scheme, host and port of an address; nil for anything else.
  package static func origin(of url: String) -> String? {
    guard ServerAddressParts(url: url) != nil else { return nil }
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return nil }
    let authority = parts[2].prefix { $0 != "?" && $0 != "#" }
    return "\(parts[0])//\(authority)"
  }

  /// `HOST`, `HOST:PORT` or `[IPV6]:PORT`.
  init?(hostAndPort text: Substring, defaultPort: Int) {
    var (name, rest) = (text, text[text.endIndex...])
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
    } else if let colon = text.lastIndex(of: ":") {
      name = text[..<colon]
      rest = text[colon...]
      // More than one: an IPv6 address without brackets.
      if name.contains(":") { (name, rest) = (text, text[text.endIndex...]) }
    }
    port = defaultPort
    if !rest.isEmpty {
      guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else {
        return nil
      }
      port = Int(number)
    }
    guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
    else { return nil }
    isEncrypted = false
    host = name.lowercased()
  }

  /// Whether the host is this machine.
  package var isLoopback: Bool {
    host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
      || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
  }
}
