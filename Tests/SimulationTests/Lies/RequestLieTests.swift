import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// Each field of each frame that a store sends to a server, altered in turn on the way, for each batch of
/// the log: enrolments, publication and work alike.
@Suite struct RequestLieTests {
  /// The lies with which a batch is taken all the same, and why that is right.
  private static let harmless = HarmlessLies([
    (
      "a newer client may say more than this version knows (README §1)",
      ["RequestFrame unknownField", "Opening unknownField", "Context unknownField"]
    ),
    (
      "whoever has no leaf yet says nothing of any epoch",
      [
        "Context.epoch zeroed", "Context.epoch raised", "Context.epoch largest",
        "Context.epoch removed", "Opening.context emptied", "Opening.context removed",
      ]
    ),
    ("what is enrolled needs no claim (README §14)", ["Opening.claim invented"]),
    (
      "it is the answer that comes otherwise",
      ["Opening.mode lowered", "Opening.answer_bytes invented"]
    ),
    ("what is known is taken once", ["RequestFrame.batch repeated"]),
  ])

  @Test func `a server takes in what its author signed, and nothing else`() throws {
    let corpus = try LieCorpus()
    let server = try LiedToServer(corpus)
    let catalogues = try corpus.log.leaves.map { leaf in
      try LieCatalogue(
        server.request(leaf.judgement.batch.bytes, of: leaf), as: "RequestFrame",
        in: corpus.schema)
    }
    var taken: [String: String] = [:]
    var harmless = Self.harmless
    var count = 0
    for (index, lies) in LieCatalogue.few(catalogues).enumerated() {
      let leaf = corpus.log.leaves[index]
      for lie in lies {
        count += 1
        let what = "request \(index): \(lie)"
        do {
          if let made = try server.hear(catalogues[index].stream(lie), of: leaf, what) {
            #expect(made == leaf.leafBytes, "\(what): another leaf")
            if !catalogues[index].isOtherSpelling(lie, of: WireRequestFrame.self),
              !harmless.take(lie.name)
            {
              taken[lie.name] = what
            }
          }
          try server.reset()
        } catch { Issue.record("\(error)") }
      }
      let honest = catalogues[index].frames.flatMap { framed($0.encoded) }
      #expect(try server.hear(honest, of: leaf, "honest") == leaf.leafBytes)
      try server.begin()
    }
    print("requests altered: \(count)")
    #expect(taken.isEmpty, "taken: \(taken.keys.sorted())")
    #expect(harmless.unmet.isEmpty)
  }
}
