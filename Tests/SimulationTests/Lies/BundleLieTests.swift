import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import WorkspaceStore

/// Each field of each frame of a bundle altered by whoever carries it; the digest at its end, which
/// needs no key, is made to fit.
@Suite struct BundleLieTests {
  private static let firstLine = Array("hashiya-bundle 1\n".utf8)

  /// The lies that are believed, and why that is right.
  private static let harmless = HarmlessLies([
    (
      "a newer version may say more than this one knows (README §1)",
      ["BundleFrame unknownField", "BundleHeader unknownField", "Entry unknownField"]
    ),
    ("mail that is left out stays with its author", ["BundleFrame.pending lost"]),
    ("mail that came twice is carried once", ["BundleFrame.pending repeated"]),
    (
      "mail of somebody whose key nobody here has is carried as it came, and the server refuses it",
      ["BatchHeader.replica bitChanged", "BatchHeader.replica zeroed"]
    ),
    ("what is held for the server is nothing to a store", ["BundleFrame.held invented"]),
    ("nobody carries mail of his own", ["BatchHeader.replica swapped"]),
  ])

  /// A bundle of leaves that the other store lacks, with work and mail that the log lacks.
  private func scene() throws -> (Pair, bundle: [UInt8]) {
    let pair = try Pair()
    try pair.annotate(pair.layla, "logged")
    try pair.sync(pair.layla)
    try pair.annotate(pair.layla, "pending")
    return (pair, try pair.layla.workspace.makeBundle(since: 2))
  }

  @Test func `nothing false is kept of a bundle`() throws {
    let (pair, bundle) = try scene()
    let frames = try FrameReader.frames(of: bundle.dropFirst(Self.firstLine.count))
    let schema = try LieCorpus.wireSchema()
    let catalogue = try LieCatalogue(frames.dropLast(), as: "BundleFrame", in: schema)
    let trial = try LieTrial(pair.omar, in: pair.disk, log: pair.replayedLog())
    var harmless = Self.harmless
    var believed: [String: String] = [:]
    let lies = LieCatalogue.few([catalogue])[0]
    for lie in lies {
      var told = Self.firstLine + catalogue.stream(lie)
      var end = WireBundleFrame()
      end.end.digest = .init(DomainHash.plain(told).bytes)
      told += framed(try end.serializedBytes())
      do {
        _ = try pair.omar.workspace.apply(bundle: told)
        if !catalogue.isOtherSpelling(lie, of: WireBundleFrame.self), !harmless.take(lie.name) {
          believed[lie.name] = "\(lie)"
        }
      } catch is BundleRefusal {
      } catch is IngestFailure {
      } catch {
        Issue.record("\(lie): \(error)")
      }
      do { try trial.check("\(lie)") } catch { Issue.record("\(error)") }
      try trial.reset()
    }
    #expect(try pair.omar.workspace.apply(bundle: bundle).mail == 1)
    print("bundles altered: \(lies.count)")
    #expect(believed.isEmpty, "believed: \(believed.keys.sorted())")
    #expect(harmless.unmet.isEmpty)
  }
}
