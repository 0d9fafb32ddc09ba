// The stored form of a record's state. It never leaves the machine that wrote it: the state digest,
// not these bytes, is what replicas compare. Lengths and numbers are LEB128; ids and digests stand
// as they are.

extension RecordState {
  /// The version of the stored form, its first byte.
  package static let storedVersion: UInt8 = 1

  /// The bytes to store; equal states have equal bytes.
  package var stored: [UInt8] {
    var out = StateWriter()
    out.byte(Self.storedVersion)
    out.list(clock.entries) { $0.dot($1) }
    out.list(creations) { $0.sibling($1) }
    out.list(registers) { out, register in
      out.number(UInt64(register.field.rawValue))
      out.list(register.siblings) { $0.sibling($1) }
    }
    out.list(elements) { out, element in
      out.number(UInt64(element.field.rawValue))
      out.digest(element.value)
      out.list(element.adds) { $0.sibling($1) }
      out.list(element.removals) { $0.sibling($1) }
    }
    out.list(deletions) { out, deletion in
      out.sibling(deletion.sibling)
      out.list(deletion.uncovered) { $0.dot($1) }
    }
    out.list(touches) { out, touch in
      out.identity(touch.identity)
      out.list(touch.carriers) { $0.carrier($1) }
      out.number(UInt64(bitPattern: touch.time))
    }
    return out.bytes
  }

  /// Reads what ``stored`` wrote; nil for bytes that have not its form, such as cut ones.
  ///
  /// Whatever it returns can be used without trapping. Altered values are not noticed here: the
  /// state digest is for that.
  package init?(stored bytes: [UInt8]) {
    var input = StateReader(bytes)
    guard input.byte() == Self.storedVersion else { return nil }
    self.init()
    clock = VectorClock(input.list { $0.dot() })
    creations = input.list { $0.sibling() }
    registers = input.list { input in
      Register(field: input.field(), siblings: input.list { $0.sibling() })
    }
    elements = input.list { input in
      SetElement(
        field: input.field(), value: input.digest(), adds: input.list { $0.sibling() },
        removals: input.list { $0.sibling() })
    }
    deletions = input.list { input in
      Deletion(sibling: input.sibling(), uncovered: input.list { $0.dot() })
    }
    touches = input.list { input in
      Touch(identity: input.identity(), carriers: input.carriers(), time: input.time())
    }
    guard input.isAtEnd, !input.failed else { return nil }
  }
}

struct StateWriter {
  var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func number(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func list<Element>(
    _ elements: [Element], _ write: (inout StateWriter, Element) -> Void
  ) {
    number(UInt64(elements.count))
    for element in elements { write(&self, element) }
  }

  mutating func digest(_ digest: Digest256) { bytes += digest.bytes }

  mutating func dot(_ dot: Dot) {
    bytes += dot.replica.bytes
    number(dot.counter.rawValue)
  }

  mutating func identity(_ identity: ChangeIdentity) {
    dot(identity.origin)
    digest(identity.chainHash)
  }

  mutating func carrier(_ carrier: Carrier) {
    dot(carrier.dot)
    switch carrier.position {
    case .pending: number(0)
    case .leaf(let index): number(index + 1)
    }
  }

  mutating func sibling(_ sibling: Sibling) {
    identity(sibling.identity)
    list(sibling.carriers) { $0.carrier($1) }
    byte(
      (sibling.content == nil ? 0 : 1) | (sibling.isResolution ? 2 : 0)
        | (sibling.cited == nil ? 0 : 4))
    if let cited = sibling.cited { identity(cited) }
    if let content = sibling.content {
      digest(content.commitment)
      digest(content.value)
    }
    number(UInt64(bitPattern: sibling.time))
  }
}

/// Reads on after a failure without trapping; the caller asks once, at the end.
struct StateReader {
  private let bytes: [UInt8]
  private var offset = 0
  private(set) var failed = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func byte() -> UInt8 {
    guard offset < bytes.count else {
      failed = true
      return 0
    }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func number() -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    failed = true
    return 0
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard bytes.count - offset >= count else {
      failed = true
      return nil
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  mutating func list<Element>(_ read: (inout StateReader) -> Element) -> [Element] {
    let count = number()
    guard count <= UInt64(bytes.count - offset) else {
      failed = true
      return []
    }
    return (0..<count).map { _ in read(&self) }
  }

  mutating func digest() -> Digest256 {
    take(Digest256.byteCount).flatMap { Digest256($0) } ?? .zero
  }

  mutating func field() -> FieldID { FieldID(rawValue: UInt16(truncatingIfNeeded: number())) }

  mutating func time() -> Int64 { Int64(bitPattern: number()) }

  mutating func dot() -> Dot {
    let replica = take(ReplicaID.byteCount).flatMap { ReplicaID($0) }
    return Dot(replica ?? .zero, Counter(number()))
  }

  mutating func identity() -> ChangeIdentity {
    ChangeIdentity(origin: dot(), chainHash: digest())
  }

  mutating func carrier() -> Carrier {
    let dot = dot()
    let position = number()
    return Carrier(dot, position == 0 ? .pending : .leaf(position - 1))
  }

  /// One or more: the first names the change.
  mutating func carriers() -> [Carrier] {
    let carriers = list { $0.carrier() }
    if carriers.isEmpty { failed = true }
    return carriers
  }

  mutating func sibling() -> Sibling {
    let identity = identity()
    let carriers = carriers()
    let flags = byte()
    let cited = flags & 4 == 0 ? nil : self.identity()
    let content = flags & 1 == 0 ? nil : Content(commitment: digest(), value: digest())
    return Sibling(
      identity: identity, cited: cited, carriers: carriers, content: content, time: time(),
      isResolution: flags & 2 != 0)
  }
}
