import Glibc
import NIOCore

/// What of an address stands for one sender: all of an IPv4 address, and of an IPv6 address the /64,
/// since whoever has one of those has them all.
package struct AddressShare: Hashable, Sendable {
  /// The bytes, the first of them highest, and how many: no array, since shares are counted and
  /// compared for each connection that comes.
  private let bits: UInt64
  private let byteCount: Int

  /// - Parameter address: 4 or 16 bytes; an IPv4 address within IPv6 is that IPv4 address.
  init(bytes address: [UInt8]) {
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
    let isMapped = address.count == 16 && address.starts(with: mapped)
    let bytes = isMapped ? address.suffix(4) : address.prefix(8)
    bits = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    byteCount = bytes.count
  }

  /// Where a connection comes from; a share of its own for what is no internet address.
  init(_ address: SocketAddress?) { self.init(bytes: address?.ipBytes ?? []) }
}

/// The proxies whose word about where a request comes from counts.
package struct TrustedProxies: Sendable {
  private struct Network: Sendable {
    var bytes: [UInt8]
    var bits: Int
  }

  private var networks: [Network] = []

  package init() {}

  /// Takes addresses (`127.0.0.1`, `fd00::1`) and networks (`10.0.0.0/8`); nil when one is neither.
  package init?(_ texts: [String]) {
    for text in texts {
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = parts.first.flatMap({ SocketAddress.bytes(of: String($0)) }) else {
        return nil
      }
      let bits = parts.count > 1 ? Int(parts[1]) : address.count * 8
      guard let bits, (0...address.count * 8).contains(bits) else { return nil }
      networks.append(Network(bytes: address, bits: bits))
    }
  }

  func contains(_ address: [UInt8]) -> Bool {
    networks.contains { network in
      guard network.bytes.count == address.count else { return false }
      return zip(network.bytes, address).enumerated().allSatisfy { position, pair in
        let bits = min(8, max(0, network.bits - position * 8))
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        return pair.0 & mask == pair.1 & mask
      }
    }
  }

  /// Whose a request is that came from `peer`: the last address of `X-Forwarded-For` that is no proxy
  /// of ours; nil when `peer` is none of them, since then anybody could have written it.
  func sender(behind peer: SocketAddress?, forwardedFor values: [String]) -> AddressShare? {
    guard let peer = peer?.ipBytes, contains(peer) else { return nil }
    let hops = values.flatMap { $0.split(separator: ",") }.reversed()
    for hop in hops {
      guard let bytes = SocketAddress.bytes(ofHop: hop) else { break }
      guard contains(bytes) else { return AddressShare(bytes: bytes) }
    }
    return AddressShare(bytes: peer)
  }
}

extension SocketAddress {
  /// The bytes of an IPv4 or IPv6 address; IPv4 within IPv6 as IPv4.
  var ipBytes: [UInt8]? { ipAddress.flatMap { Self.bytes(of: $0) } }

  /// The same of its text form.
  static func bytes(of text: String) -> [UInt8]? {
    // A zone says which interface, not who.
    let plain = String(text.prefix { $0 != "%" })
    var short = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, plain, &short) == 1 { return short }
    var long = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, plain, &long) == 1 else { return nil }
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
    return long.starts(with: mapped) ? Array(long.suffix(4)) : long
  }

  /// The same of an entry of `X-Forwarded-For`, which may have a port and brackets.
  static func bytes(ofHop hop: some StringProtocol) -> [UInt8]? {
    let text = String(hop.filter { $0 != " " && $0 != "\t" && $0 != "\"" })
    if text.hasPrefix("[") { return bytes(of: String(text.dropFirst().prefix { $0 != "]" })) }
    if text.filter({ $0 == ":" }).count == 1 {
      return bytes(of: String(text.prefix { $0 != ":" }))
    }
    return bytes(of: text)
  }
}
