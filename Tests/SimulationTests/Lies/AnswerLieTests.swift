import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncClient
@testable import SyncServer

/// Each field of each frame of the answers to a sync, a push, a pull and an enrolment, altered in turn; what
/// leaves and batches hold is altered by ``SegmentLieTests``.
@Suite struct AnswerLieTests {
  /// What is asked, and by whom.
  enum Question: String, CaseIterable {
    case sync, push, pull, enrolment, refusal

    var mode: ExchangeMode {
      switch self {
      case .sync, .enrolment, .refusal: .sync
      case .push: .push
      case .pull: .pull
      }
    }
  }

  /// The lies that are believed, and why that is right.
  private static func harmless(_ question: Question) -> HarmlessLies {
    var unknown = ["ResponseFrame unknownField", "Welcome unknownField", "End unknownField"]
    if question != .pull { unknown.append("Outcome unknownField") }
    if question != .pull, question != .refusal { unknown.append("Accepted unknownField") }
    if question == .refusal { unknown.append("Refused unknownField") }
    unknown.append(question == .push ? "ConsistencyProof unknownField" : "Entry unknownField")
    var groups = [("a newer server may say more than this version knows (README §1)", unknown)]
    if question != .push {
      groups.append(
        ("the store asks once more, and hears that it has everything", ["End.more invented"]))
    }
    if question != .pull, question != .refusal {
      groups.append(
        (
          "whether a change was there before this request, the server alone knows; nothing follows",
          ["Accepted.known invented"]
        ))
    }
    if question == .sync || question == .enrolment {
      groups.append(
        (
          "the leaf itself follows, and is worth more than a proof",
          ["Accepted.leaf invented", "Accepted.proof invented"]
        ))
    }
    if question == .push {
      groups.append(
        (
          "what a push is refused for is not judged before its leaves are here, and stays pending",
          ["Outcome.refused invented"]
        ))
    }
    if question == .refusal {
      groups.append(
        (
          "a store that is refused goes by its own judgement; what the server says is for people",
          [
            "Outcome.refused swapped", "Refused.counter lowered", "Refused.counter raised",
            "Refused.counter removed", "Refused.counter zeroed", "Refused.detail bitChanged",
            "Refused.detail cutShort", "Refused.detail emptied", "Refused.detail lengthened",
            "Refused.detail removed", "Refused.detail swapped", "Refused.detail zeroed",
            "Refused.evidence invented",
          ]
        ))
    }
    return HarmlessLies(groups)
  }

  /// A store whose work the log has by now, and the whole answer that it did not get yet.
  private func scene(_ question: Question) throws -> (Pair, SimulatedStore, answer: [UInt8]) {
    let pair = try Pair()
    var store = pair.omar
    switch question {
    case .enrolment:
      store = try pair.invite("Nadia", seed: 3)
      try pair.sync(pair.layla)
    case .refusal:
      // Omar has not heard yet that he only reads.
      try pair.annotate(pair.omar, "too late")
      try pair.setRole(.auditor)
    case .sync, .push, .pull:
      try pair.annotate(pair.omar, "pushed before")
      try pair.sync(pair.omar, .push)
      for note in ["one", "two"] { try pair.annotate(pair.layla, note) }
      try pair.sync(pair.layla)
      for note in ["three", "four"] { try pair.annotate(pair.omar, note) }
      _ = try pair.omar.workspace.edit { try $0.addDevice() }
    }
    let run = ExchangeRun(workspace: store.workspace, mode: question.mode, progress: { _ in })
    let round = try run.begin()
    let answer = try pair.server.answer(
      round.session.request, by: round.outgoing.replica.id)
    return (pair, store, answer)
  }

  @Test(arguments: Question.allCases)
  func `nothing false is kept of an answer, and nothing honest is lost`(_ question: Question)
    throws
  {
    let (pair, store, answer) = try scene(question)
    let schema = try LieCorpus.wireSchema()
    let inBatches = Set(
      schema.parts(reachableFrom: ["Batch"]).map { $0.prefix { $0 != "." } })
    let catalogue = try LieCatalogue(
      FrameReader.frames(of: answer), as: "ResponseFrame", in: schema, beside: [refusal(schema)]
    ) { part in !inBatches.contains(part.prefix { $0 != "." }) }
    let trial = try LieTrial(store, in: pair.disk, log: pair.replayedLog())
    var harmless = Self.harmless(question)
    var believed: [String: String] = [:]
    let lies = LieCatalogue.few([catalogue])[0]
    for lie in lies {
      switch try trial.hear(question.mode, catalogue.stream(lie)) {
      case .refused(let failure):
        #expect(failure.isDocumented, "\(lie): \(failure)")
      case .believed where catalogue.isOtherSpelling(lie, of: WireResponseFrame.self): break
      case .believed:
        if !harmless.take(lie.name) { believed[lie.name] = "\(lie)" }
      }
      let refused = question == .refusal ? 1 : 0
      do { try trial.check("\(question): \(lie)", refused: refused) } catch {
        Issue.record("\(error)")
      }
      try trial.reset()
    }
    guard case .believed = try trial.hear(question.mode, answer) else {
      Issue.record("the honest answer is refused")
      return
    }
    try trial.check("honest", refused: question == .refusal ? 1 : 0)
    print("answers altered, \(question): \(lies.count)")
    #expect(believed.isEmpty, "\(question): believed: \(believed.keys.sorted())")
    #expect(harmless.unmet.isEmpty)
  }

  /// What an honest server could have said of a batch: a value to be swapped in.
  private func refusal(_ schema: WireSchema) throws -> WireTree {
    var outcome = WireOutcome()
    outcome.refused.code = Refusal.Code.notPermitted.rawValue
    outcome.refused.counter = 2
    outcome.refused.detail = "you may not"
    return try #require(WireTree(outcome.serializedBytes(), as: "Outcome", in: schema))
  }
}
