import AsyncHTTPClient
import NIOCore

// Answers that no Hashiya server gives: what they are, so that a network's or a proxy's doing is not
// taken for a lie of the server.

extension Answer {
  static let exchangeType = "application/vnd.hashiya.exchange"
  static let healingType = "application/vnd.hashiya.healing"
  static let problemType = "application/problem+json"

  /// What an answer is instead of an exchange or a problem document; nil when it is one of them.
  ///
  /// Reads of a web page what its title says.
  func foreign(to path: String, at url: String) async -> NetworkFault? {
    if let target = redirectTarget(from: path, at: url) { return .redirected(to: target) }
    if [Self.exchangeType, Self.healingType, Self.problemType].contains(contentType) {
      return contentCoding.map { .compressed(coding: String($0.prefix(40))) }
    }
    // What a proxy says of itself while the server behind it is away is a matter of time.
    let isTemporary = [408, 413, 429].contains(status) || (500...510).contains(status)
    if isTemporary { return nil }
    if contentType == "text/html" || contentType == "application/xhtml+xml" {
      return .webPage(title: await pageTitle(), status: status)
    }
    return .otherContent(type: contentType.map { String($0.prefix(80)) }, status: status)
  }

  /// Where a redirect leads, without the path that was asked for; nil for another answer.
  private func redirectTarget(from path: String, at url: String) -> String? {
    guard [301, 302, 303, 307, 308].contains(status), let location else { return nil }
    var target = location
    if target.hasPrefix("/"), let origin = Self.origin(of: url) { target = origin + target }
    if target.hasSuffix(path) { target.removeLast(path.count) }
    return String(target.prefix(1_024))
  }

  /// Scheme, host and port.
  private static func origin(of url: String) -> String? {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count < 3 ? nil : parts.prefix(3).joined(separator: "/")
  }

  /// What stands between `<title>` and `</title>` in the first bytes of the body.
  private func pageTitle() async -> String? {
    var bytes: [UInt8] = []
    do {
      for try await buffer in body {
        bytes += buffer.readableBytesView
        if bytes.count >= ClientLimits.problemBytesMax { break }
      }
    } catch {
      // What came before it broke off says enough, or nothing.
    }
    let text = String(decoding: bytes.prefix(ClientLimits.problemBytesMax), as: UTF8.self)
    return webPageTitle(text)
  }
}

/// A web page's title in one line, at most 80 characters; nil where it has none.
func webPageTitle(_ page: String) -> String? {
  let page = page[...]
  guard let tag = page.firstRange(ofASCII: "<title"),
    let open = page[tag.upperBound...].firstIndex(of: ">"),
    let end = page[open...].firstRange(ofASCII: "</title")
  else { return nil }
  let words = page[page.index(after: open)..<end.lowerBound].split { $0.isWhitespace }
  return words.isEmpty ? nil : String(words.joined(separator: " ").prefix(80))
}

extension Substring {
  /// Where ASCII text, given in lowercase, stands first, whatever its letters' case.
  fileprivate func firstRange(ofASCII text: String) -> Range<Index>? {
    let wanted = Array(text.utf8)
    let bytes = Array(utf8)
    guard bytes.count >= wanted.count else { return nil }
    let found = (0...(bytes.count - wanted.count)).first { start in
      wanted.indices.allSatisfy { index in
        bytes[start + index] | (isLetter(wanted[index]) ? 0x20 : 0) == wanted[index]
      }
    }
    guard let found else { return nil }
    let lower = utf8.index(startIndex, offsetBy: found)
    return lower..<utf8.index(lower, offsetBy: wanted.count)
  }
}

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
