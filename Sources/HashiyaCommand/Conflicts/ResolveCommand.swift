import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `resolve`: decides a conflict.
struct ResolveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Decide conflicts, one by one or all that are open.",
    usage: """
      hashiya resolve [--article <article>] [--analyst <analyst>] [--field <field>]
      hashiya resolve <ref> <field> (--take <n> | --value <v> | --merge) --reason <reason>
      """,
    discussion: """
      Without arguments it walks through the open conflicts on a terminal, a key
      each: 1 to 9 take a sibling, v takes a value that you type, m the merge of notes,
      s skips, u takes the last decision back, w explains, q ends. Asked why, enter
      gives the reason shown, = the one that you typed before; esc takes the choice
      back, and the conflict is asked again.

      A sibling is taken by its number in `conflicts`, by its analyst, or by its
      dot. --merge uses a three-way merge of the notes; look at it with --dry-run
      first. When other siblings arrived since `conflicts` or `why` showed them here,
      nothing is done (exit 75): look again, then decide. --against says what you
      had before you in another place, by the clock that `conflicts --json` printed.

      Examples:
        hashiya resolve
        hashiya resolve 7c1e label --take omar --reason 'agreed on the phone'
        hashiya resolve 7c1e note --value 'Both sources say so.' --reason 'read both'
        hashiya resolve 7c1e note --merge --dry-run
        hashiya resolve 7c1e lifecycle --value live --reason 'still used'
      """)

  @Argument(help: "The record: a handle, an id, an article's name, or @.")
  var ref: String?

  @Argument(help: "The field: label, note, target, confidence, lifecycle …")
  var field: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A sibling, by number, analyst or dot.", valueName: "n"))
  var take: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Another value, or - for standard input.", valueName: "v"))
  var value: String?

  @Flag(help: "Use the three-way merge of the notes.")
  var merge = false

  @Option(
    parsing: .unconditional,
    help: "Why, for those who read it later; without a record, for all that is decided.")
  var reason: String?

  @Flag(help: "Show what would be decided, and change nothing.")
  var dryRun = false

  @OptionGroup(title: "Which conflicts") var filter: ConflictFilter
  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions

  func validate() throws {
    let ways = [take != nil, value != nil, merge].count { $0 }
    guard ref != nil else {
      if options.output.json || dryRun {
        throw ValidationError("--json and --dry-run go with a record and a field.")
      }
      if ways > 0 || against.against != nil {
        throw ValidationError("Say what to resolve: a record and a field.")
      }
      return
    }
    if field == nil { throw ValidationError("Say which field: `hashiya conflicts` lists them.") }
    if ways != 1 { throw ValidationError("Decide in one way: --take, --value or --merge.") }
    if !filter.isEmpty {
      throw ValidationError("--article, --analyst and --field go without a record.")
    }
    if reason == nil, !dryRun {
      throw ValidationError("Say why: --reason. It is kept beside the decision.")
    }
  }
}

extension ResolveCommand {
  func run() async throws {
    let workspace = try options.open()
    guard let ref, let field else {
      try ResolveQueue(workspace, filter: filter, reason: reason, options.console).run()
      return try tellLabelClashes(of: workspace)
    }
    let clock = try against.clock()
    let typed = try value.map { try InputStream.text(typed: $0, limit: AnnotationLimits.noteBytes) }
    if dryRun { return try show(ref, field, typed, clock, in: workspace) }
    let report = try workspace.author { editor in
      let (conflict, choice) = try choose(ref, field, typed, editor.reader)
      let made = try editor.resolve(
        conflict.record, conflict.field, with: choice, reason: reason ?? "", against: clock)
      return try EditReport(made, editor.reader)
    }
    try report.print("resolved; hashiya undo takes it back", on: options.console)
  }

  /// Labels of one name are no conflict of a field, so the walk does not come by them.
  private func tellLabelClashes(of workspace: Workspace) throws {
    for clash in try workspace.query({ try filter.labelClashes($0) }) {
      options.console.note(LabelClashText.sentence(clash) + ": " + LabelClashText.command(clash))
    }
  }

  /// What stands for a reason that a dry run need not have.
  private static let assumedReason = "dry run"

  private func choose(
    _ ref: String, _ field: String, _ typed: String?, _ reader: WorkspaceReader
  ) throws -> (ConflictView, ResolutionChoice) {
    let id = try References(reader: reader).record(ref)
    let conflict = try Resolution.conflict(id, field, reader)
    let choice: ResolutionChoice
    if let take {
      choice = .sibling(try Resolution.sibling(take, of: conflict, reader).dot)
    } else if let typed {
      choice = .text(typed)
    } else {
      choice = .text(try Resolution.merged(conflict, reader))
    }
    return (conflict, choice)
  }

  private func show(
    _ ref: String, _ field: String, _ typed: String?, _ clock: VectorClock?,
    in workspace: Workspace
  ) throws {
    let console = options.console
    let (conflict, value, handle) = try workspace.tryOut { editor in
      let (conflict, choice) = try choose(ref, field, typed, editor.reader)
      _ = try editor.resolve(
        conflict.record, conflict.field, with: choice, reason: reason ?? Self.assumedReason,
        against: clock)
      return (
        conflict, try editor.reader.shown(conflict.record, conflict.field),
        try editor.reader.handle(of: conflict.record)
      )
    }
    if console.isJSON {
      return try console.print(
        [
          "id": RecordJSON.id(conflict.record), "handle": .string(handle), "dot": nil,
          "field": .string(conflict.fieldName), "value": RecordJSON.value(value),
        ] as JSONValue)
    }
    try console.print(["\(handle, .strong)  \(conflict.fieldName, .accent) would become:"])
    try console.print(
      ValueText.inline(value).map { [PassageText.indentation + $0] } ?? ValueText.block(value))
    console.note("nothing was changed")
  }
}
