import AnnotationModel
import Crypto
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

/// `hashes.json`: identifiers and hashes, each with what goes into it.
struct HashVectorTests {
  private struct Case: Codable {
    var what: String
    var input: [String: String]
    var output: String
  }

  @Test("identifiers and hashes are those of the vectors")
  func hashes() throws {
    for vector in try VectorFile<[Case]>(name: "hashes.json").read(made: make()) {
      #expect(try output(vector.what, vector.input) == vector.output, "\(vector.what)")
    }
  }

  private func make() throws -> [Case] {
    let layla = try BatchAuthor(number: 1)
    let key = hexText([UInt8](layla.key.publicKey.rawRepresentation))
    let seed = hexText(layla.secret.seed(ofBlock: 0))
    let salt = hexText(contentSalt(seed: try bytes(seed), counter: 2, index: 0))
    let inputs: [(String, [String: String])] = [
      ("sha256", ["bytes": hexText(Array("حاشية".utf8))]),
      ("replica id", ["key": key]),
      ("workspace id", ["genesis_skeleton": "22060a0431323334"]),
      ("seed of a block", ["secret": hexText(layla.secret.bytes), "block": "0"]),
      ("seed of a block", ["secret": hexText(layla.secret.bytes), "block": "1"]),
      ("salt of a content", ["seed": seed, "counter": "2", "index": "0"]),
      ("salt of a content", ["seed": seed, "counter": "256", "index": "1"]),
      ("content commitment", ["salt": salt, "value": hexText(Array("حاشية".utf8))]),
      ("content commitment", ["salt": salt, "value": ""]),
      (
        "chain hash",
        ["previous": Digest256.zero.hex, "skeleton": "10d00f", "commitments": ""]
      ),
      (
        "chain hash",
        [
          "previous": DomainHash.plain([1]).hex, "skeleton": "10d00f",
          "commitments": DomainHash.plain([2]).hex + DomainHash.plain([3]).hex,
        ]
      ),
      ("batch digest", ["header": "0a0101"]),
      ("claim hash", ["secret": String(repeating: "04", count: 32)]),
      ("article id", ["bytes": hexText(articleBytes)]),
      ("label id", ["name": "نقد"]),
      ("label id", ["name": "  Cafe\u{301} "]),
      ("label id", ["name": "Café"]),
      ("mapped id", ["kind": "2", "namespace": DomainHash.plain([1]).hex, "name": "note-17"]),
      ("mapped id", ["kind": "4", "namespace": DomainHash.plain([1]).hex, "name": "note-17"]),
      (
        "mapped id",
        [
          "kind": "2", "namespace": DomainHash.plain([1]).hex,
          "name": "01890A5D-AC96-774B-BCCE-B302099A8057",
        ]
      ),
    ]
    return try inputs.map { Case(what: $0.0, input: $0.1, output: try output($0.0, $0.1)) }
  }

  private func output(_ what: String, _ input: [String: String]) throws -> String {
    func text(_ name: String) throws -> String {
      guard let value = input[name] else { throw BadVector(text: name) }
      return value
    }
    func value(_ name: String) throws -> [UInt8] { try bytes(text(name)) }
    func number(_ name: String) throws -> UInt64 {
      guard let number = UInt64(try text(name)) else { throw BadVector(text: name) }
      return number
    }
    func digests(_ name: String) throws -> [Digest256] {
      let all = try value(name)
      return stride(from: 0, to: all.count, by: 32).compactMap { Digest256(all[$0..<$0 + 32]) }
    }
    switch what {
    case "sha256": return DomainHash.plain(try value("bytes")).hex
    case "replica id": return ReplicaID(publicKey: try value("key")).hex
    case "workspace id": return workspaceID(genesisSkeleton: try value("genesis_skeleton")).hex
    case "seed of a block":
      return hexText(SeedSecret(try value("secret")).seed(ofBlock: try number("block")))
    case "salt of a content":
      return hexText(
        contentSalt(
          seed: try value("seed"), counter: Counter(try number("counter")),
          index: Int(try number("index"))))
    case "content commitment":
      return contentCommitment(salt: try value("salt"), value: try value("value")).hex
    case "chain hash":
      let previous = try digests("previous")[0]
      return chainHash(
        after: previous, skeleton: try value("skeleton"), commitments: try digests("commitments")
      ).hex
    case "batch digest": return batchDigest(header: try value("header")).hex
    case "claim hash": return DomainHash.digest("hashiya/v1/claim", try value("secret")).hex
    case "article id": return ArticleID(firstVersion: try value("bytes")).hex
    case "label id": return try LabelID(name: try text("name")).hex
    case "mapped id":
      let kind = RecordKind(rawValue: UInt16(try number("kind")))
      return hexText(
        try ExternalID(try text("name")).record(kind: kind, namespace: try value("namespace"))
          .bytes)
    default: throw BadVector(text: what)
    }
  }
}
