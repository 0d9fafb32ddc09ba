import Auditor
import MergeCore
import SimulationKit
import Testing
import TransparencyLog

/// Expects the audit to name this leaf with these words, and to have agreed with all before it.
func expectFinding(
  _ result: AuditResult, at leaf: UInt64, of team: AuditedTeam, says words: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(!result.verified, sourceLocation: sourceLocation)
  #expect(result.firstBadLeaf == leaf, "\(result)", sourceLocation: sourceLocation)
  let reason = result.reason ?? ""
  #expect(reason.hasPrefix("leaf \(leaf): "), "\(result)", sourceLocation: sourceLocation)
  for word in words {
    #expect(reason.contains(word), "\(word) is not told: \(result)", sourceLocation: sourceLocation)
  }
  let root = Base64.encode(team.exchange.log.root(ofSize: leaf).bytes)
  #expect(result.root == root, "\(result)", sourceLocation: sourceLocation)
}

/// Expects the audit to find something that is no leaf, in these words.
func expectFinding(
  _ result: AuditResult, says words: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(!result.verified, sourceLocation: sourceLocation)
  #expect(result.firstBadLeaf == nil, "\(result)", sourceLocation: sourceLocation)
  for word in words {
    #expect(
      result.reason?.contains(word) == true, "\(word) is not told: \(result)",
      sourceLocation: sourceLocation)
  }
}
