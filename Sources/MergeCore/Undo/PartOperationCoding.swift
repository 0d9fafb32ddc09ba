// The stored form of what undoing reads. Carriers and what a replica continues stand elsewhere in a
// log, and are put in when it is read: the same bytes follow from the same leaves.

extension PartOperation {
  /// The bytes to store; equal operations have equal bytes.
  package var stored: [UInt8] {
    var out = StateWriter()
    var flags: UInt8 = takes ? 1 : 0
    if element != nil { flags |= 2 }
    if only != nil { flags |= 4 }
    if case .clock = coverage { flags |= 8 }
    out.byte(flags)
    out.identity(identity)
    switch coverage {
    case .context(let context): out.number(context.treeSize)
    case .clock(let clock): out.list(clock.entries) { $0.dot($1) }
    }
    if let element { out.digest(element) }
    if let only { out.identity(only) }
    out.list(taken) { $0.sibling($1.withoutCarriers) }
    out.list(ownTouches) { out, carriers in out.list(carriers) { $0.carrier($1) } }
    return out.bytes
  }

  /// Reads what ``stored`` wrote; nil for bytes that have not its form.
  ///
  /// - Parameters:
  ///   - place: which of its change's operations on the record it is; whoever stores it knows.
  ///   - own: what the author's own chain covered, for an operation without a clock of its own.
  ///   - carriers: where a change appears, the placing one first.
  package init?<Failure: Error>(
    stored bytes: [UInt8], of part: RecordPart, place: Int, own: VersionVector,
    carriers: (ChangeIdentity) throws(Failure) -> [Carrier]
  ) throws(Failure) {
    var input = StateReader(bytes)
    let flags = input.byte()
    let identity = input.identity()
    let coverage: Coverage =
      flags & 8 == 0
      ? .context(CausalContext(treeSize: input.number(), own: own))
      : .clock(VectorClock(input.list { $0.dot() }))
    let element = flags & 2 == 0 ? nil : input.digest()
    let only = flags & 4 == 0 ? nil : input.identity()
    var taken = input.list { $0.sibling() }
    let ownTouches = input.list { input in input.list { $0.carrier() } }
    guard input.isAtEnd, !input.failed else { return nil }
    for index in taken.indices {
      taken[index].carriers = try carriers(taken[index].identity)
      guard !taken[index].carriers.isEmpty else { return nil }
    }
    self.init(
      part: part, element: element, identity: identity, place: place,
      carriers: try carriers(identity), coverage: coverage, takes: flags & 1 == 1, only: only,
      taken: taken, ownTouches: ownTouches)
    guard !self.carriers.isEmpty else { return nil }
  }
}

extension Sibling {
  /// With the origin in place of all carriers, which the stored form of a sibling needs one of.
  fileprivate var withoutCarriers: Sibling {
    var bare = self
    bare.carriers = [Carrier(identity.origin, .pending)]
    return bare
  }
}
