import FoundationEssentials
import MergeCore
package import TransparencyLog

/// Evidence as a file for a third person (`Protocol/audit-log.md`, "Evidence"): JSON with sorted keys, so
/// that notes can be read and checked with other tools.
package struct EvidenceDocument: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case fork(ForkEvidence)
    case falseLeaf(FalseLeafEvidence)
  }

  /// The workspace whose log it is about, hexadecimal.
  package var workspace: String
  /// The key that signed what cannot be true.
  package var logKey: VerifierKey
  package var content: Content

  package init(workspace: String, logKey: VerifierKey, content: Content) {
    self.workspace = workspace
    self.logKey = logKey
    self.content = content
  }

  /// The key as a vkey.
  package var keyText: String { logKey.text }

  /// `fork` or `false-leaf`.
  package var kind: String {
    switch content {
    case .fork: "fork"
    case .falseLeaf: "false-leaf"
    }
  }

  /// What was signed falsely: evidence about the same thing proves no more, and is kept once.
  package var subject: String {
    switch content {
    case .fork: "fork"
    case .falseLeaf(let leaf): "leaf \(leaf.index) \(MerkleTree.leafHash(leaf.leaf).hex)"
    }
  }

  /// What it proves to whoever holds nothing but this: signatures and hashes, and nothing that the
  /// file merely says.
  package func check() throws(EvidenceError) -> EvidenceVerdict {
    switch content {
    case .fork(let fork):
      let sizes = try fork.check(logKey: logKey)
      return .proved(
        sizes.smaller == sizes.larger
          ? "the key of \(logKey.name) signed two histories of \(sizes.smaller) leaves"
          : "the key of \(logKey.name) signed a history of \(sizes.smaller) leaves and one of "
            + "\(sizes.larger) that does not continue it")
    case .falseLeaf(let leaf):
      _ = try leaf.check(logKey: logKey)
      let signed = "the key of \(logKey.name) signed leaf \(leaf.index)"
      return leaf.isNoLeaf ? .proved(signed + ", which is no leaf") : .signed(signed, leaf)
    }
  }
}

/// What evidence proves.
package enum EvidenceVerdict: Hashable, Sendable {
  /// That the key signed what cannot be true, in a sentence.
  case proved(String)
  /// That the key signed this leaf, as the beginning of a sentence. Whoever replays it on the leaves
  /// before it sees whether it is false.
  case signed(String, FalseLeafEvidence)

  /// The sentence, where it is known to be false: by whoever kept it after replaying it.
  package var accusation: String {
    switch self {
    case .proved(let what): what
    case .signed(let what, let leaf): "\(what), which is false: \(leaf.reason)"
    }
  }
}

// MARK: - Bytes

extension EvidenceDocument {
  private static let form = "hashiya-evidence 1"

  /// The members, in the order of their names.
  private struct File: Codable {
    var batch: String?
    var before: [String]?
    var form: String
    var honest: String?
    var inclusion: [String]?
    var key: String
    var kind: String
    var leaf: String?
    var leafIndex: UInt64?
    var notes: [String]
    var proof: [String]?
    var reason: String?
    var workspace: String

    enum CodingKeys: String, CodingKey {
      case batch, before, form, honest, inclusion, key, kind, leaf, notes, proof, reason, workspace
      case leafIndex = "leaf_index"
    }
  }

  /// The bytes of the file, which end in a line feed.
  package var encoded: [UInt8] {
    var file = File(
      form: Self.form, key: logKey.text, kind: kind, notes: [], workspace: workspace)
    switch content {
    case .fork(let fork):
      file.notes = [fork.smaller, fork.larger].map { String(decoding: $0, as: UTF8.self) }
      file.proof = fork.proof.hashes.map(\.base64)
    case .falseLeaf(let leaf):
      file.notes = [String(decoding: leaf.note, as: UTF8.self)]
      file.leafIndex = leaf.index
      file.leaf = Base64.encode(leaf.leaf)
      file.batch = Base64.encode(leaf.batch)
      file.inclusion = leaf.inclusion.hashes.map(\.base64)
      file.before = leaf.before.hashes.map(\.base64)
      file.honest = Base64.encode(leaf.honest)
      file.reason = leaf.reason
    }
    return jsonBytes(file) + [UInt8(ascii: "\n")]
  }

  /// Reads a file; what it says is checked by ``check()``.
  package init(decoding bytes: [UInt8]) throws(EvidenceError) {
    guard bytes.count <= Limits.evidenceBytesMax,
      let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
    else { throw .undecodable }
    guard file.form == Self.form else {
      throw file.form.hasPrefix("hashiya-evidence ") ? .newerForm : .undecodable
    }
    guard let key = try? VerifierKey(file.key), Digest256(hex: file.workspace) != nil else {
      throw .undecodable
    }
    let notes = file.notes.map { Array($0.utf8) }
    switch (file.kind, notes.count) {
    case ("fork", 2):
      content = .fork(
        ForkEvidence(
          smaller: notes[0], larger: notes[1],
          proof: PrefixProof(hashes: try Self.digests(file.proof))))
    case ("false-leaf", 1):
      guard let index = file.leafIndex, let leaf = Self.bytes(file.leaf),
        let batch = Self.bytes(file.batch), let honest = Self.bytes(file.honest),
        let reason = file.reason
      else { throw .undecodable }
      content = .falseLeaf(
        FalseLeafEvidence(
          note: notes[0], index: index, leaf: leaf, batch: batch,
          inclusion: InclusionProof(hashes: try Self.digests(file.inclusion)),
          before: PrefixProof(hashes: try Self.digests(file.before)), honest: honest,
          reason: reason))
    default: throw .undecodable
    }
    logKey = key
    workspace = file.workspace
  }

  private static func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64.decode($0) } }

  private static func digests(_ texts: [String]?) throws(EvidenceError) -> [Digest32] {
    let texts = texts ?? []
    let digests = texts.compactMap { Digest32(base64: $0) }
    guard digests.count == texts.count else { throw .undecodable }
    return digests
  }
}
