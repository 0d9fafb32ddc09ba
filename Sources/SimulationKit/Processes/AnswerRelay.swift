import Foundation
import SwiftProtobuf
package import SyncProtocol

/// Stands between analysts and a server as HTTP, and changes exchanges frame by frame: what a server
/// that lies can do, and what a bad line does.
///
/// Sendable although mutable: `lock` guards all that is not written once.
package final class AnswerRelay: @unchecked Sendable {
  /// What becomes of an exchange.
  package struct Change: Sendable {
    /// The request's frames as the server gets them; nil when the server is not asked.
    package var request: (@Sendable ([WireRequestFrame]) -> [WireRequestFrame])?
    /// The answer's frames as the analyst gets them; those given are the server's, or none.
    package var answer: @Sendable ([WireResponseFrame]) -> [WireResponseFrame]

    /// The server is asked as it should be, and its answer changed.
    package init(_ answer: @escaping @Sendable ([WireResponseFrame]) -> [WireResponseFrame]) {
      self.init(request: { $0 }, answer: answer)
    }

    package init(
      request: (@Sendable ([WireRequestFrame]) -> [WireRequestFrame])?,
      answer: @escaping @Sendable ([WireResponseFrame]) -> [WireResponseFrame]
    ) {
      self.request = request
      self.answer = answer
    }
  }

  /// The port of 127.0.0.1 that analysts connect to.
  package let port: Int

  private let listener: LoopbackListener
  private let lock = NSLock()
  private var target: Int
  private var change: Change?
  private var answers: [[WireResponseFrame]] = []

  /// Listens on a port, for requests to another one.
  package init(port: Int, target: Int) throws {
    self.port = port
    self.target = target
    listener = try LoopbackListener(port: port)
    listener.serve { [weak self] client in self?.serve(client) }
  }

  /// Changes exchanges from now on, or lets them pass.
  package func set(_ change: Change?) { lock.withLock { self.change = change } }

  /// Sends further requests to another server.
  package func set(target: Int) { lock.withLock { self.target = target } }

  /// The answers of the server so far, as it gave them.
  package var recorded: [[WireResponseFrame]] { lock.withLock { answers } }

  private func serve(_ client: Int32) {
    guard let request = LoopbackSocket.readRequest(client) else { return }
    let (head, body) = (request.text.split(separator: "\r\n").map(String.init), request.body)
    let (target, change) = lock.withLock { (self.target, self.change) }
    let isExchange = head.first?.contains("/exchange ") ?? false
    guard isExchange, let change else {
      let answer = try? RawHTTP.exchange(Self.closing(head, body), port: target)
      guard let answer else { return }
      if isExchange, answer.status == 200 { record(Self.frames(answer)) }
      return Self.send(answer.head, Self.plain(answer), to: client)
    }
    var frames: [WireResponseFrame] = []
    if let alter = change.request {
      let altered = alter(Self.decode(body)).flatMap { framed(encoded($0)) }
      guard let answer = try? RawHTTP.exchange(Self.closing(head, altered), port: target) else {
        return
      }
      guard answer.status == 200 else {
        return Self.send(answer.head, Self.plain(answer), to: client)
      }
      frames = Self.frames(answer)
      record(frames)
    }
    let bytes = change.answer(frames).flatMap { framed(encoded($0)) }
    Self.send(
      ["HTTP/1.1 200 OK", "Content-Type: application/vnd.hashiya.exchange"], bytes, to: client)
  }

  private func record(_ frames: [WireResponseFrame]) { lock.withLock { answers.append(frames) } }
}

/// Frames of one's own making always encode.
private func encoded(_ message: some SwiftProtobuf.Message) -> [UInt8] {
  (try? message.serializedBytes()) ?? []
}

// MARK: - HTTP

extension AnswerRelay {
  /// A request after which the server closes.
  private static func closing(_ head: [String], _ body: [UInt8]) -> [UInt8] {
    let dropped = ["connection:", "content-length:"]
    let kept = head.filter { line in !dropped.contains { line.lowercased().hasPrefix($0) } }
    let lines = kept + ["Connection: close", "Content-Length: \(body.count)", "", ""]
    return Array(lines.joined(separator: "\r\n").utf8) + body
  }

  /// The body without the marks of chunks.
  private static func plain(_ answer: RawAnswer) -> [UInt8] {
    guard answer.header("transfer-encoding")?.lowercased() == "chunked" else { return answer.body }
    var rest = answer.body[...]
    var body: [UInt8] = []
    while let cut = rest.firstIndex(of: 13) {
      let size = Int(String(decoding: rest[..<cut], as: UTF8.self), radix: 16) ?? 0
      guard size > 0 else { break }
      let start = cut + 2
      guard start + size <= rest.endIndex else { break }
      body += rest[start..<start + size]
      rest = rest[min(start + size + 2, rest.endIndex)...]
    }
    return body
  }

  private static func send(_ head: [String], _ body: [UInt8], to client: Int32) {
    let dropped = ["connection:", "content-length:", "transfer-encoding:"]
    let kept = head.filter { line in !dropped.contains { line.lowercased().hasPrefix($0) } }
    let lines = kept + ["Connection: close", "Content-Length: \(body.count)", "", ""]
    LoopbackSocket.send(Array(lines.joined(separator: "\r\n").utf8) + body, to: client)
  }

  private static func decode(_ body: [UInt8]) -> [WireRequestFrame] {
    split(body).compactMap { try? WireRequestFrame(serializedBytes: $0) }
  }

  private static func frames(_ answer: RawAnswer) -> [WireResponseFrame] {
    split(plain(answer)).compactMap { try? WireResponseFrame(serializedBytes: $0) }
  }

  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var reader = FrameReader()
    reader.append(bytes)
    var frames: [[UInt8]] = []
    while let frame = try? reader.next() { frames.append(frame) }
    return frames
  }
}
