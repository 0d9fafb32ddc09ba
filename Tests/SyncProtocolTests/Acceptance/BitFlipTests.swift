import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

/// Every one-bit mutation of a sealed batch fails.
struct BitFlipTests {
  @Test("no bit of a batch can be changed on its way")
  func everyBit() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "حاشية"), in: workspace.log.context)
    omar.make([
      DraftOperation(try annotation(1), .add(AnnotationField.tags, Array("وسم".utf8)))
    ])
    omar.make([
      DraftOperation(
        try annotation(1), .write(AnnotationField.note, [0x78]),
        against: VectorClock([Dot(omar.id, 1)]), reason: "r")
    ])
    let batch = try workspace.sealed(&omar)
    var accepted: [Int] = []
    for bit in 0..<batch.count * 8 {
      var other = batch
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      var log = workspace.log
      if try refusalCode({ try log.append(other, time: 2_000) }) == nil { accepted.append(bit) }
    }
    #expect(accepted.isEmpty, "accepted with one of these bits changed: \(accepted)")
    try workspace.log.append(batch, time: 2_000)
  }

  @Test("no bit of a genesis or an enrolment can be changed on its way")
  func acts() throws {
    let empty = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    var founder = try BatchAuthor(number: 1)
    founder.found(member: 1, name: "Layla")
    let genesis = try founder.seal()
    var workspace = try TestWorkspace()
    let invite = try inviteKey(2)
    try workspace.push(inviteAct(invite, member: 2, name: "Omar", role: .annotator))
    var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: invite, in: workspace.log.context)
    for (log, batch) in [(empty, genesis), (workspace.log, try workspace.sealed(&omar))] {
      for bit in 0..<batch.count * 8 {
        var other = batch
        other[bit / 8] ^= 1 << UInt8(bit % 8)
        var log = log
        #expect(
          try refusalCode { try log.append(other, time: 2_000) } != nil,
          "accepted with bit \(bit) changed")
      }
    }
  }
}
