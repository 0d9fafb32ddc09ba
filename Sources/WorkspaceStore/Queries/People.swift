import AnnotationModel
import GRDB
package import MergeCore
package import SyncProtocol

/// A member as `member list` shows one.
package struct MemberView: Sendable {
  /// 16 bytes.
  package var id: [UInt8]
  package var name: String
  /// The name as lists show it: with the beginning of the id where others bear the same.
  package var distinctName: String
  package var role: Role
  package var isRevoked: Bool
  /// Whether it is this store's analyst.
  package var isSelf: Bool
  /// Replicas that are not revoked.
  package var replicaCount: Int
}

/// What the store did on its own.
package struct NewsItem: Sendable {
  package var time: Int64
  package var text: String
}

extension WorkspaceReader {
  /// Everybody who was ever a member, in log order.
  package func members() -> [MemberView] {
    let own = membership.member(of: replica)?.id
    return membership.members.map { member in
      MemberView(
        id: member.id, name: member.name, distinctName: membership.distinctName(of: member),
        role: member.role, isRevoked: member.isRevoked,
        isSelf: member.id == own,
        replicaCount: membership.replicas.filter { $0.member == member.id && !$0.isRevoked }.count)
    }
  }

  /// What the store did on its own, newest first.
  package func news(limit: Int) throws -> [NewsItem] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM news ORDER BY id DESC LIMIT ?", arguments: [limit]
    ).map { row in
      let row = try row.sealed(in: "news")
      return NewsItem(time: try row.number("time"), text: try row.text("text"))
    }
  }
}

// MARK: - Names

extension WorkspaceReader {
  /// The name of a replica's analyst; the beginning of its id where it is unknown.
  package func analyst(of replica: ReplicaID) throws -> String {
    try cache.analyst(of: replica) {
      if membership.replica(replica) != nil { return membership.analyst(of: replica) }
      if let own = try setting(.analyst), try ownReplicas().contains(replica) { return own }
      return membership.analyst(of: replica)
    }
  }
}

extension RecordSource {
  /// Who made what stands for itself, such as a record's creation: the origin's analyst, or the
  /// carrier's where that is not enrolled.
  func analyst(of sibling: Sibling) throws -> String {
    try analyst(of: sibling.identity, sibling.carriers)
  }

  func analyst(of identity: ChangeIdentity, _ carriers: [Carrier]) throws -> String {
    let origin = identity.origin.replica
    let isKnown = membership.replica(origin) != nil
    return try analyst(of: isKnown ? origin : carriers[0].dot.replica)
  }

  func analyst(of change: DecodedChange) throws -> String {
    try analyst(of: change.identity, [Carrier(change.received.dot, .pending)])
  }

  /// A dot for people: `layla/17`; with the beginning of the replica's id, as in `layla-3f2a/17`,
  /// where several replicas bear the name.
  package func dotText(_ dot: Dot) throws -> String {
    let prefix = try cache.dotPrefix(of: dot.replica) { try dotPrefix(of: dot.replica) }
    return "\(prefix)/\(dot.counter.rawValue)"
  }

  private func dotPrefix(of replica: ReplicaID) throws -> String {
    let name = try analyst(of: replica).lowercased()
    let namesakes = membership.replicas.map(\.id).filter {
      WorkspaceReader.isSameName(membership.analyst(of: $0), name)
    }
    guard namesakes.contains(where: { $0 != replica }) else { return name }
    return name + "-" + WorkspaceReader.distinguishingDigits(of: replica, among: namesakes)
  }
}

extension WorkspaceReader {
  /// Reads `REPLICA:COUNTER`, or what ``dotText(_:)`` writes; nil for anything else, and for a name
  /// that several replicas bear.
  package func parseDot(_ text: String) throws -> Dot? {
    let text = BidiControl.trimmed(text)
    if let dot = Dot(text) { return dot }
    guard let slash = text.lastIndex(of: "/"),
      text[text.index(after: slash)...].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let counter = UInt64(text[text.index(after: slash)...]).flatMap({ Counter(received: $0) })
    else { return nil }
    let typed = String(text[..<slash])
    var replicas = membership.replicas.map(\.id)
    if !replicas.contains(replica) { replicas.append(replica) }
    let matching = try replicas.filter { candidate in
      let name = try analyst(of: candidate)
      if Self.isSameName(name, typed) { return true }
      guard let dash = typed.lastIndex(of: "-") else { return false }
      let digits = typed[typed.index(after: dash)...].lowercased()
      return digits.utf8.count >= Self.replicaDigitsMin
        && Self.isSameName(name, String(typed[..<dash]))
        && candidate.hex.utf8.starts(with: digits.utf8)
    }
    guard matching.count == 1 else { return nil }
    return Dot(matching[0], counter)
  }

  /// Whether two typed names are one.
  static func isSameName(_ left: String, _ right: String) -> Bool {
    NameLikeness.areAlike(left, right)
  }

  static var replicaDigitsMin: Int { 4 }

  fileprivate static func distinguishingDigits(of replica: ReplicaID, among all: [ReplicaID])
    -> String
  {
    let digits = replica.hex
    let others = all.filter { $0 != replica }.map(\.hex)
    for length in replicaDigitsMin..<digits.utf8.count {
      let prefix = digits.prefix(length)
      if !others.contains(where: { $0.utf8.starts(with: prefix.utf8) }) { return String(prefix) }
    }
    return digits
  }
}
