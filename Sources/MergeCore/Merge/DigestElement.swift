/// One of the parts whose hashes sum to the state digest.
///
/// The sum is free of order and says nothing of what is shown (DESIGN.md §3, "Digests").
package enum DigestElement: Hashable, Sendable {
  case creation(ChangeIdentity, commitment: Digest256)
  case sibling(FieldID, ChangeIdentity, commitment: Digest256)
  case add(FieldID, ChangeIdentity, commitment: Digest256)
  case removal(FieldID, ChangeIdentity, commitment: Digest256)
  case deletion(ChangeIdentity)
  case touch(Dot)
  /// A sibling, add or delete that a change brought back, with the change that it cites.
  case siblingBack(FieldID, ChangeIdentity, cited: ChangeIdentity, commitment: Digest256)
  case addBack(FieldID, ChangeIdentity, cited: ChangeIdentity, commitment: Digest256)
  case deletionBack(ChangeIdentity, cited: ChangeIdentity)

  /// The bytes that are hashed: rules version (4), kind and id of the record with its length before
  /// it, element type (1), field (2, zero where there is none), dot (16 + 8), chain hash (32),
  /// commitment (32), and of what was brought back the cited change's dot and chain hash (56);
  /// numbers big-endian, absent digests zero.
  package func encoded(in record: RecordID, rules: UInt32) -> [UInt8] {
    let id = record.encoded
    var bytes: [UInt8] = (0..<4).map { UInt8(truncatingIfNeeded: rules >> (24 - 8 * $0)) }
    bytes.reserveCapacity(130)
    bytes.append(UInt8(id.count))
    bytes += id
    switch self {
    case .creation(let identity, let commitment):
      bytes += body(1, 0, identity, commitment)
    case .sibling(let field, let identity, let commitment):
      bytes += body(2, field.rawValue, identity, commitment)
    case .add(let field, let identity, let commitment):
      bytes += body(3, field.rawValue, identity, commitment)
    case .removal(let field, let identity, let commitment):
      bytes += body(4, field.rawValue, identity, commitment)
    case .deletion(let identity):
      bytes += body(5, 0, identity, .zero)
    case .touch(let dot):
      bytes += body(6, 0, ChangeIdentity(origin: dot, chainHash: .zero), .zero)
    case .siblingBack(let field, let identity, let cited, let commitment):
      bytes += body(7, field.rawValue, identity, commitment) + named(cited)
    case .addBack(let field, let identity, let cited, let commitment):
      bytes += body(8, field.rawValue, identity, commitment) + named(cited)
    case .deletionBack(let identity, let cited):
      bytes += body(9, 0, identity, .zero) + named(cited)
    }
    return bytes
  }

  private func body(
    _ type: UInt8, _ field: UInt16, _ identity: ChangeIdentity, _ commitment: Digest256
  ) -> [UInt8] {
    [type, UInt8(field >> 8), UInt8(field & 255)] + named(identity) + commitment.bytes
  }

  private func named(_ identity: ChangeIdentity) -> [UInt8] {
    identity.origin.replica.bytes + bigEndianBytes(identity.origin.counter.rawValue)
      + identity.chainHash.bytes
  }
}

extension RecordState {
  /// Every element of the record that the state digest sums over.
  package var digestElements: [DigestElement] {
    var all = creations.map { DigestElement.creation($0.identity, commitment: $0.commitment) }
    for register in registers {
      all += register.siblings.map { $0.asSibling(of: register.field) }
    }
    for element in elements {
      all += element.adds.map { $0.asAdd(to: element.field) }
      all += element.removals.map { $0.asRemoval(from: element.field) }
    }
    all += deletions.map { $0.sibling.asDeletion }
    all += touches.map { .touch($0.dot) }
    return all
  }
}

extension Sibling {
  var commitment: Digest256 { content?.commitment ?? .zero }

  func asSibling(of field: FieldID) -> DigestElement {
    guard let cited else { return .sibling(field, identity, commitment: commitment) }
    return .siblingBack(field, identity, cited: cited, commitment: commitment)
  }

  func asAdd(to field: FieldID) -> DigestElement {
    guard let cited else { return .add(field, identity, commitment: commitment) }
    return .addBack(field, identity, cited: cited, commitment: commitment)
  }

  var asDeletion: DigestElement {
    guard let cited else { return .deletion(identity) }
    return .deletionBack(identity, cited: cited)
  }

  func asRemoval(from field: FieldID) -> DigestElement {
    .removal(field, identity, commitment: commitment)
  }
}
