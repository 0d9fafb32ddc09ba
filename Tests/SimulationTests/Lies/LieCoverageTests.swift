import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// Nothing of what the protocol can say is left out of the catalogue of lies.
@Suite struct LieCoverageTests {
  /// What honest programs never send, with the reason.
  private static let unsaid: [String: String] = [
    "ShareCode": "codes are handed over by people, and travel in no frame"
  ]

  @Test func `each field of each message that a batch can hold is altered`() throws {
    let corpus = try LieCorpus()
    let catalogues = try corpus.log.leaves.map {
      try LieCatalogue([$0.judgement.batch.bytes], as: "Batch", in: corpus.schema)
    }
    let altered = Set(catalogues.flatMap(\.lies).map(\.part))
    #expect(corpus.schema.parts(reachableFrom: ["Batch"]).subtracting(altered).sorted() == [])
  }

  @Test func `the schema knows every message, and what is a batch within another`() throws {
    let schema = try LieCorpus.wireSchema()
    let frames = ["RequestFrame", "ResponseFrame", "HealingFrame", "HealingAnswer", "BundleFrame"]
    let reached = Set(schema.parts(reachableFrom: frames).map { $0.prefix { $0 != "." } })
    let messages = Set(schema.fields.keys.map { $0[...] })
    #expect(messages.subtracting(reached).map(String.init).sorted() == Self.unsaid.keys.sorted())
    for part in ["RequestFrame.batch", "Entry.batch", "HeldLeaf.batch", "BundleFrame.pending"] {
      let (message, name) = (part.prefix { $0 != "." }, part.drop { $0 != "." }.dropFirst())
      let field = schema.fields[String(message)]?.first { $0.name == name }
      #expect(field?.kind == .encoded("Batch"), "\(part)")
    }
  }
}
