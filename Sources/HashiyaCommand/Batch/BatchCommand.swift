import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `batch`: many edits from a file.
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Apply edits from JSON Lines, one edit a line.",
    discussion: """
      Each line is one change. Lines are committed in groups; a bad line is named by
      number and reason, its group leaves nothing behind, and the groups before it
      stay. Ids are UUIDs, or names that mean the same record wherever the same
      namespace is used.

      Examples:
        hashiya batch edits.jsonl
        generate | hashiya batch - --commit-every 100
        hashiya batch edits.jsonl --skip-refused --json

      Lines:
        {"op":"article","id":"a1","title":"…","text":"…"}
        {"op":"annotate","id":"n1","article":"a1","spans":[[0,5]],"label":"claim"}
        {"op":"edit","id":"n1","note":"…"}
        {"op":"tag","id":"n1","tag":"x"}
        {"op":"delete","id":"n1"}
        {"op":"reply","id":"r1","parent":"n1","note":"…"}
        {"op":"relate","id":"l1","from":"n1","type":"supports","to":"n2"}
        {"op":"resolve","id":"n1","field":"label","value":"claim","reason":"…"}
      """)

  @Argument(help: "The file, or - for standard input.", completion: .file())
  var file: String

  @Option(
    parsing: .unconditional,
    help: "What ids that are no UUIDs belong to; the workspace unless given.")
  var namespace: String?

  @Option(help: ArgumentHelp("How many lines share one durable transaction.", valueName: "n"))
  var commitEvery = 1_000

  @Flag(help: "Report edits that are refused for a conflict or a deleted record, and go on.")
  var skipRefused = false

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if namespace?.isEmpty == true { throw ValidationError("--namespace is not empty.") }
    if commitEvery < 1 { throw ValidationError("--commit-every is at least 1.") }
  }
}

extension BatchCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let meter = ProgressMeter("applying", unit: "lines", console: console)
    var run = BatchRun(
      workspace: workspace, namespace: namespace, commitEvery: commitEvery,
      skipsRefused: skipRefused, meter: meter)
    do {
      try run.apply(
        LineReader(InputStream(opening: file), lineBytesMax: AnnotationLimits.batchLineBytes))
    } catch {
      meter.finish()
      try report(run.outcome)
      throw error
    }
    meter.finish()
    try report(run.outcome)
  }

  private func report(_ outcome: BatchOutcome) throws {
    let console = options.console
    if console.isJSON { return try console.print(outcome.json) }
    let lines = counted(outcome.lines, "line")
    try console.print(
      "\(lines): \(counted(outcome.changes, "change")), \(outcome.unchanged) unchanged, "
        + "\(outcome.refused.count) refused")
    for refused in outcome.refused { try console.print("  line \(refused.line) \(refused.reason)") }
  }
}
