import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `edit`: changes fields of a record.
struct EditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Change an annotation.",
    discussion: """
      One change, however many options. A field in conflict is not edited but
      resolved, and a deleted record is restored first. --against says which state
      you had before you: the clock that `show --json` printed then. Values that
      came in later stay as siblings.

      Examples:
        hashiya edit 7c1e --label claim
        hashiya edit @ --note 'see also line 12' --add-tag sources --remove-tag draft
        hashiya edit 7c1e --note - < note.txt
        hashiya edit 7c1e --label claim --against '{"5f…":17}'
      """)

  @Argument(help: "The record: a handle, an id, or @ for the last one made.")
  var ref: String

  @Option(parsing: .unconditional, help: "The new label.")
  var label: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The new note, or - for standard input; empty takes it back.", valueName: "text"))
  var note: String?

  @Option(
    name: .customLong("add-tag"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A tag to add; repeat for several.", valueName: "tag"))
  var addedTags: [String] = []

  @Option(
    name: .customLong("remove-tag"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A tag to remove; repeat for several.", valueName: "tag"))
  var removedTags: [String] = []

  @Option(
    help: ArgumentHelp("How sure you are, from 0 to 1.", valueName: "c"),
    transform: ConfidenceArgument.parse)
  var confidence: Confidence?

  @Option(
    name: .customLong("span"),
    help: ArgumentHelp("The new passage; repeat for several pieces.", valueName: "s:e"))
  var spans: [String] = []

  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions

  func validate() throws {
    let isEmpty =
      label == nil && note == nil && addedTags.isEmpty && removedTags.isEmpty
      && confidence == nil && spans.isEmpty
    if isEmpty {
      throw ValidationError(
        "Say what to change: --label, --note, --add-tag, --remove-tag, --confidence or --span.")
    }
  }
}

extension EditCommand {
  func run() async throws {
    let clock = try against.clock()
    var edit = RecordEdit()
    edit.label = label
    edit.note = try note.map { try InputStream.text(typed: $0, limit: AnnotationLimits.noteBytes) }
    edit.addTags = addedTags
    edit.removeTags = removedTags
    edit.confidence = confidence
    edit.spans = spans.isEmpty ? nil : try Span.ordered(SpanArguments.parse(spans))
    let (report, outcome) = try options.open().author { editor in
      let references = References(reader: editor.reader)
      let id = try references.record(ref, References.glosses)
      try references.checkLabel(label)
      let (made, label) = try editor.edit(id, edit, against: clock)
      return (try EditReport(made, editor.reader), label)
    }
    if let note = LabelNote.text(outcome) { options.console.note(note) }
    try report.print("edited", on: options.console)
  }
}
