import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog

@testable import SyncClient
@testable import WorkspaceStore

/// Each field of each leaf, batch and frame that brings the log to a store, altered in turn on the way:
/// by whoever has no key of anybody's.
@Suite struct SegmentLieTests {
  /// The lies that are believed, and why that is right.
  private static let harmless = HarmlessLies([
    (
      "a newer server may say more than this version knows (README §1)",
      [
        "ResponseFrame unknownField", "Welcome unknownField", "Entry unknownField",
        "End unknownField",
      ]
    ),
    (
      "while more is to come, nothing follows from how much there is",
      [
        "Welcome.tree_size zeroed", "Welcome.tree_size raised", "Welcome.tree_size lowered",
        "Welcome.tree_size largest", "Welcome.tree_size removed",
      ]
    ),
    ("the store asks once more, and hears that it has everything", ["End.more invented"]),
  ])

  /// An answer that brings one leaf.
  private static func frames(_ corpus: LieCorpus, _ index: Int) throws -> [[UInt8]] {
    let leaf = corpus.log.leaves[index]
    let parts: [(inout WireResponseFrame) -> Void] = [
      {
        $0.welcome.protocol = exchangeProtocolVersion
        $0.welcome.workspace = Data(corpus.log.workspace?.bytes ?? [])
        $0.welcome.treeSize = corpus.log.treeSize
      },
      {
        $0.entry.index = leaf.index
        $0.entry.leaf = Data(leaf.leafBytes)
        $0.entry.batch = Data(leaf.judgement.batch.bytes)
      },
    ]
    let note = try corpus.log.checkpoint(ofSize: leaf.index + 1)
    let rest: [(inout WireResponseFrame) -> Void] = [
      { $0.checkpoint = Data(note) }, { $0.end.more = leaf.index + 1 < corpus.log.treeSize },
    ]
    return try (parts + rest).map { fill in
      var frame = WireResponseFrame()
      fill(&frame)
      return try frame.serializedBytes()
    }
  }

  @Test func `what nobody signed is not believed`() throws {
    let corpus = try LieCorpus()
    let trial = try LieTrial(corpus.newcomer, in: corpus.disk, log: corpus.log)
    let catalogues = try corpus.log.leaves.indices.map {
      try LieCatalogue(Self.frames(corpus, $0), as: "ResponseFrame", in: corpus.schema)
    }
    var harmless = Self.harmless
    var believed: [String: String] = [:]
    var count = 0
    for (index, lies) in LieCatalogue.few(catalogues).enumerated() {
      for lie in lies {
        count += 1
        let what = "leaf \(index): \(lie)"
        switch try trial.hear(.pull, catalogues[index].stream(lie)) {
        case .refused(let failure):
          #expect(failure.isDocumented, "\(what): \(failure)")
        case .believed where catalogues[index].isOtherSpelling(lie, of: WireResponseFrame.self):
          break
        case .believed:
          if !harmless.take(lie.name) { believed[lie.name] = what }
        }
        do { try trial.check(what) } catch { Issue.record("\(error)") }
        try trial.reset()
      }
      let honest = catalogues[index].frames.flatMap { framed($0.encoded) }
      guard case .believed = try trial.hear(.pull, honest) else {
        Issue.record("the honest leaf \(index) is refused")
        return
      }
      try trial.begin()
    }
    print("lies on the way: \(count)")
    #expect(believed.isEmpty, "believed: \(believed.keys.sorted())")
    #expect(harmless.unmet.isEmpty)
  }
}
