import Foundation
import SyncProtocol

/// One member of a leaf stated otherwise, in the leaf's own spelling or in another.
package struct LeafLie: Hashable, Sendable, CustomStringConvertible {
  /// How it is stated otherwise.
  package enum Way: String, CaseIterable, Sendable {
    case changed, emptied, removed, doubled, swapped, largest, unknownMember, respelled
  }

  /// The member's name; `leaf` where it is about the leaf as a whole.
  package var member: String
  /// How that is stated otherwise.
  package var way: Way

  /// What lists name it by.
  package var description: String { "\(member) \(way)" }

  /// Every lie that a leaf can state, in the order of its members.
  package static func all(of leaf: [UInt8]) -> [LeafLie] {
    guard let members = members(leaf) else { return [] }
    let lies = members.flatMap { member in
      Way.allCases.dropLast(2).map { LeafLie(member: member.name, way: $0) }
    }
    return lies + [
      LeafLie(member: "leaf", way: .unknownMember), LeafLie(member: "leaf", way: .respelled),
    ]
  }

  /// The leaf with this lie in it; nil where it states what it stated before.
  ///
  /// - Parameter other: an honest leaf whose values are swapped in.
  package func told(in leaf: [UInt8], swapping other: [UInt8]) -> [UInt8]? {
    guard var members = Self.members(leaf), let others = Self.members(other) else { return nil }
    switch way {
    case .unknownMember: members.append(("zz", "1"))
    case .respelled: return Array("{ ".utf8) + leaf.dropFirst()
    default:
      guard let place = members.firstIndex(where: { $0.name == member }) else { return nil }
      let value = members[place].value
      switch way {
      case .removed: members.remove(at: place)
      case .doubled: members.insert(members[place], at: place)
      case .swapped:
        members[place].value = others.first { $0.name == member }?.value ?? value
      case .emptied: members[place].value = value.hasPrefix("\"") ? "\"\"" : "0"
      case .largest: members[place].value = "18446744073709551615"
      default: members[place].value = Self.changed(member, value)
      }
    }
    let text = "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
    let told = Array(text.utf8)
    return told == leaf ? nil : told
  }

  private static func changed(_ member: String, _ value: String) -> String {
    if let number = UInt64(value) { return String(number + 1) }
    let text = value.dropFirst().dropLast()
    if let time = Timestamp(String(text)) {
      return "\"\(Timestamp(milliseconds: time.milliseconds + 1).text)\""
    }
    if let type = LeafType(rawValue: String(text)) {
      return "\"\(type == .edit ? LeafType.invite.rawValue : LeafType.edit.rawValue)\""
    }
    return "\"" + text.dropLast() + (text.last == "0" ? "1\"" : "0\"")
  }

  /// The members as they are spelt: a leaf has no nested values, no spaces and no escapes.
  private static func members(_ leaf: [UInt8]) -> [(name: String, value: String)]? {
    let text = String(decoding: leaf, as: UTF8.self)
    guard text.hasPrefix("{\""), text.hasSuffix("}") else { return nil }
    return text.dropFirst().dropLast().split(separator: ",").compactMap { member in
      let parts = member.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      return (String(parts[0].dropFirst().dropLast()), String(parts[1]))
    }
  }
}
