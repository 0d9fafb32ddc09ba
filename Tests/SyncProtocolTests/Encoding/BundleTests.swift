import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

struct BundleTests {
  /// A bundle of a whole log, with a batch to be carried.
  private func bundle() throws -> Bundle {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"))
    let pending = try workspace.sealed(&omar)
    let entries = workspace.log.leaves.map {
      ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.judgement.batch.bytes)
    }
    return Bundle(
      workspace: omar.workspace, from: 0, to: workspace.log.treeSize, entries: entries,
      checkpoint: try workspace.log.checkpoint, pending: [pending])
  }

  private func error(_ bytes: [UInt8]) -> BundleError? {
    do throws(BundleError) {
      _ = try Bundle(decoding: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test("a bundle reads back as what was written")
  func roundTrip() throws {
    let bundle = try bundle()
    let read = try Bundle(decoding: bundle.encoded)
    #expect(read.encoded == bundle.encoded)
    #expect((read.from, read.to, read.pending) == (bundle.from, bundle.to, bundle.pending))
    #expect(read.entries.map(\.leaf) == bundle.entries.map(\.leaf))
    #expect(read.entries.map(\.batch) == bundle.entries.map(\.batch))
    #expect(read.checkpoint == bundle.checkpoint)
  }

  @Test("a bundle cut short anywhere is refused")
  func truncated() throws {
    let bytes = try bundle().encoded
    for length in 0..<bytes.count {
      let error = error(Array(bytes.prefix(length)))
      #expect(error == (length < 17 ? .notABundle : .truncated) || length == 15 || length == 16)
      #expect(error != nil)
    }
  }

  @Test("a bundle with any bit altered is refused")
  func altered() throws {
    let bytes = try bundle().encoded
    for bit in 0..<bytes.count * 8 {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(error(other) != nil, "accepted with bit \(bit) altered")
    }
    #expect(error(bytes + [0]) == .altered)
  }

  @Test("a file of another kind, and a bundle of a newer version, are told apart")
  func otherFiles() {
    #expect(error([]) == .notABundle)
    #expect(error(Array("hello\n".utf8)) == .notABundle)
    #expect(error(Array("hashiya-bundle 2\n".utf8)) == .newerVersion)
  }
}
