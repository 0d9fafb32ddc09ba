import FoundationEssentials
import SyncProtocol
import Testing

/// The normative page names what the code enforces.
struct ReadmeTests {
  private func readme() throws -> String {
    let url = URL(filePath: #filePath).appending(path: "../../../Protocol/README.md").standardized
    return String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }

  /// `number` with commas between groups of three digits, as the page writes it.
  private func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.map { index in
      let rest = digits.count - index
      return (index > 0 && rest.isMultiple(of: 3) ? "," : "") + String(digits[index])
    }.joined()
  }

  @Test("every refusal has a line in the error table", arguments: Refusal.Code.allCases)
  func refusals(code: Refusal.Code) throws {
    #expect(try readme().contains("`\(code.rawValue)`"))
  }

  @Test(
    "every limit has its number in the table of limits",
    arguments: [
      Limits.batchChangesMax, Limits.batchBytesMax, Limits.changeBytesMax,
      Limits.encodedBatchBytesMax, Limits.changeOperationsMax, Limits.clockEntriesMax,
      Limits.contentBytesMax, Limits.leafBytesMax, Limits.checkpointBytesMax,
      Limits.frameBytesMax, Limits.requestBatchesMax, Limits.requestBytesMax,
      Limits.responseBytesMax, Limits.responseEntriesMax, Limits.memberNameBytesMax,
      Limits.revocationExceptionsMax, Limits.shareCodeCharactersMax,
      Int(Limits.seedBlockCounters), Limits.tokenBytesMax, Int(Limits.tokenSeconds),
      Limits.lineageDepthMax, Limits.memberSiblingsMax, Limits.memberEntriesMax, Limits.citesMax,
      Limits.partHistoryMax, Limits.leafHistoryMax, Limits.leafDotsMax, Limits.leafEntriesMax,
      Limits.evidenceMax, Limits.evidenceBytesMax,
    ])
  func limits(limit: Int) throws {
    let page = try readme()
    let table = page.split(separator: "## 16 Limits").last?.split(separator: "## 17").first ?? ""
    let numbers = table.split { !$0.isNumber && $0 != "," }
    #expect(numbers.contains { $0 == grouped(limit) }, "\(grouped(limit)) is not in the table")
  }
}
