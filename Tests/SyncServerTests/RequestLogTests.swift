import Logging
import Synchronization
import Testing

@testable import SyncServer

@Suite struct RequestLogTests {
  @Test func `of strangers' requests some are listed in ten seconds, and the rest are counted`() {
    let lines = Lines()
    let log = RequestLog(Logger(label: "test") { _ in lines.handler })
    let (start, most) = (ContinuousClock.now + .seconds(60), ServerLimits.strangerLinesMax)
    func list(_ message: Logger.Message, after milliseconds: Int, ofStranger: Bool = true) {
      log.list(
        .info, message, ofStranger: ofStranger, now: start + .milliseconds(milliseconds)
      ) { ["status": "403"] }
    }

    for number in 0..<(most + 3) { list("stranger", after: number) }
    #expect(lines.all == Array(repeating: "stranger status=403", count: most))
    list("member", after: 9_999, ofStranger: false)
    #expect(lines.all.last == "member status=403")
    list("stranger", after: 10_000)
    #expect(
      Array(lines.all.suffix(2)) == [
        "requests of strangers that are not listed count=3", "stranger status=403",
      ])
    for _ in 1..<most { list("stranger", after: 19_999) }
    list("stranger", after: 20_000)
    #expect(lines.all.count == most + 1 + 1 + most + 1, "none is counted where all were listed")
  }
}

/// What was logged: message and metadata of each line.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var handler: Handler { Handler(lines: self) }

  struct Handler: LogHandler {
    let lines: Lines
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    init(lines: Lines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
      lines.lines.withLock {
        $0.append((["\(event.message)"] + fields).joined(separator: " "))
      }
    }
  }
}
