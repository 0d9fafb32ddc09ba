/// How large requests and answers may be on the way to one server, as far as this store has found out:
/// proxies have limits of their own, and say little about them.
///
/// What does not pass is halved until it does, and what passed is remembered. A day later twice as
/// much is tried, once, so that a limit which was lifted is noticed and one that stands costs one
/// refused request a day.
package struct PassingSizes: Hashable, Sendable {
  package let url: String
  /// Bytes of a request's body.
  package private(set) var requestBytes = ClientLimits.requestBytesMax
  /// Bytes of an answer, after which the server is asked to end it.
  package private(set) var answerBytes = ClientLimits.answerBytesMax
  /// When a size was changed last, milliseconds since 1970.
  private var changed: Int64 = 0
  /// Whether the size of requests was made smaller, and none that large has passed since.
  private var isGuessed = false

  /// Nothing is known yet.
  package init(url: String) { self.url = url }

  /// Whether nothing was found to be limited.
  package var isUnlimited: Bool {
    requestBytes == ClientLimits.requestBytesMax && answerBytes == ClientLimits.answerBytesMax
  }

  /// A request of so many bytes did not pass; false when no smaller limit is tried.
  mutating func shrinkRequests(below bytes: Int, now: Int64) -> Bool {
    guard bytes > ClientLimits.requestBytesMin else { return false }
    requestBytes = max(ClientLimits.requestBytesMin, min(requestBytes, bytes) / 2)
    changed = now
    isGuessed = true
    return true
  }

  /// A request of so many bytes passed: after a guess that is what is known, where it was not small for
  /// want of work.
  mutating func requestPassed(_ bytes: Int) {
    guard isGuessed, bytes > requestBytes / 2 else { return }
    requestBytes = max(ClientLimits.requestBytesMin, min(requestBytes, bytes))
    isGuessed = false
  }

  /// An answer broke off after so many bytes; false when no smaller one is asked for.
  mutating func shrinkAnswers(below bytes: Int, now: Int64) -> Bool {
    guard bytes >= ClientLimits.answerBytesMin, answerBytes > ClientLimits.answerBytesMin else {
      return false
    }
    answerBytes = max(ClientLimits.answerBytesMin, min(answerBytes, bytes) / 2)
    changed = now
    return true
  }

  /// Everything passed: twice as much is tried where that is due.
  mutating func grow(now: Int64) {
    // A clock that was put back must not keep the sizes small.
    guard !isUnlimited, abs(now - changed) >= ClientLimits.growthPause else { return }
    requestBytes = min(ClientLimits.requestBytesMax, requestBytes * 2)
    answerBytes = min(ClientLimits.answerBytesMax, answerBytes * 2)
    changed = now
  }
}

extension PassingSizes {
  /// Three numbers and the server's address; nil when there is nothing to remember.
  var stored: String? { isUnlimited ? nil : "\(requestBytes) \(answerBytes) \(changed) \(url)" }

  /// Reads what was remembered; of another server, or of a text that is none, nothing is known.
  package init(stored: String?, url: String) {
    self.init(url: url)
    let parts = (stored ?? "").split(separator: " ", maxSplits: 3)
    guard parts.count == 4, parts[3].utf8.elementsEqual(url.utf8), let request = Int(parts[0]),
      let answer = Int(parts[1]), let changed = Int64(parts[2])
    else { return }
    requestBytes = min(max(request, ClientLimits.requestBytesMin), ClientLimits.requestBytesMax)
    answerBytes = min(max(answer, ClientLimits.answerBytesMin), ClientLimits.answerBytesMax)
    self.changed = min(max(changed, 0), .max / 2)
  }
}
