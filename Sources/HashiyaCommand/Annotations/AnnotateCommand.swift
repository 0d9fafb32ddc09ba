import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `annotate`: marks a passage.
struct AnnotateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "annotate",
    abstract: "Mark a passage of an article.",
    usage: """
      hashiya annotate <article> --quote <text> --label <label> [<options>]
      hashiya annotate <article> --from <text> --to <text> --label <label> [<options>]
      hashiya annotate <article> --span <s:e> ... --label <label> [<options>]
      hashiya annotate <article> -e
      """,
    discussion: """
      A quote must be in the article exactly, except that invisible direction marks
      in what you typed are ignored. One that occurs several times is refused with
      the list of places; --line or --occurrence says which. A label that is not in
      the codebook is made.

      Examples:
        hashiya annotate 001 --quote 'رداً متناسباً' --label claim
        hashiya annotate 001 --quote 'إيران' --line 3 --label actor --tag state
        hashiya annotate 001 --from 'قال مسؤول' --to 'سوء فهم' --label quotation
        hashiya annotate 001 --span 120:134 --span 150:162 --label actor
        xclip -o | hashiya annotate 001 --quote - --label claim
        hashiya annotate 001 -e
      """)

  @Argument(help: "The article: its file's name or title, a unique beginning, or its id.")
  var article: String

  @OptionGroup(title: "The passage") var passage: PassageOptions

  @Option(parsing: .unconditional, help: "What the passage is, from the codebook or new.")
  var label: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What you have to say, or - for standard input.", valueName: "text"))
  var note: String?

  @Option(
    name: .customLong("tag"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A free keyword; repeat for several.", valueName: "tag"))
  var tags: [String] = []

  @Option(
    help: ArgumentHelp("How sure you are, from 0 to 1.", valueName: "c"),
    transform: ConfidenceArgument.parse)
  var confidence: Confidence?

  @Option(
    parsing: .unconditional,
    help: "The annotation's id: a UUID, or a name that scripts give it.")
  var id: String?

  @Flag(
    name: [.customShort("e"), .customLong("editor")],
    help: "Write the annotation in $VISUAL or $EDITOR, beside the article's numbered lines.")
  var usesEditor = false

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if usesEditor {
      if passage.quote == "-" || note == "-" {
        throw ValidationError("-e needs the terminal, so nothing can be read from -.")
      }
      return
    }
    if passage.choice == nil {
      throw ValidationError(
        "Say which passage: --quote, --from with --to, --span, or -e to write it in an editor.")
    }
    if label == nil { throw ValidationError("Say what the passage is: --label.") }
    if passage.quote == "-", note == "-" {
      throw ValidationError("Only one of --quote and --note can be read from -.")
    }
  }
}

extension AnnotateCommand {
  func run() async throws {
    let workspace = try options.open()
    guard usesEditor else {
      let note = try note.map { try InputStream.text(typed: $0, limit: AnnotationLimits.noteBytes) }
      let draft = AnnotationDraft(
        choice: try passage.choice.map { try $0.reading(limit: AnnotationLimits.articleBytes) },
        label: label, note: note, tags: tags, confidence: confidence, id: id)
      return try commit(draft, to: workspace)
    }
    let written = try write(in: workspace)
    do {
      try commit(draft(from: written.text), to: workspace)
      written.discard()
    } catch {
      options.console.warn("what you wrote is kept in \(argument: written.path)")
      throw error
    }
  }

  private func commit(_ draft: AnnotationDraft, to workspace: Workspace) throws {
    let (report, label) = try workspace.author { editor in
      let references = References(reader: editor.reader)
      let article = try references.article(self.article)
      let spans = try draft.spans(in: article, references.text(of: article))
      let id = try editor.record(forScriptID: draft.id, .annotation)
      try references.checkLabel(draft.label)
      let (made, label) = try editor.annotate(
        id: id, article: article.id, spans: spans, label: draft.label, note: draft.note,
        tags: draft.tags, confidence: draft.confidence)
      return (try EditReport(made, editor.reader), label)
    }
    if let note = LabelNote.text(label) { options.console.note(note) }
    try report.print("annotated; take it back with hashiya undo", on: options.console)
  }

  private func write(in workspace: Workspace) throws -> TextEditor.Result {
    let (article, text) = try workspace.query { reader in
      let references = References(reader: reader)
      let article = try references.article(self.article)
      return (article, try references.text(of: article))
    }
    let filled = AnnotationTemplate.Filled(
      quote: passage.quote, occurrence: passage.occurrence, line: passage.line,
      from: passage.from, to: passage.to, spans: passage.spans, label: label, tags: tags,
      confidence: confidence?.text, note: note)
    let template = AnnotationTemplate.text(filled, title: article.title, article: text)
    return try TextEditor.edit(template, sizeMax: 4 * AnnotationLimits.articleBytes)
  }

  private func draft(from text: String) throws -> AnnotationDraft {
    let filled = try AnnotationTemplate.parse(text)
    var passage = PassageOptions()
    passage.quote = filled.quote
    passage.occurrence = filled.occurrence
    passage.line = filled.line
    passage.from = filled.from
    passage.to = filled.to
    passage.spans = filled.spans
    do {
      try passage.validate()
    } catch let error as ValidationError {
      throw CommandFailure(.badData, "\(error.message)")
    }
    guard let choice = passage.choice else {
      throw CommandFailure(.badData, "the template says no passage")
    }
    guard let label = filled.label else {
      throw CommandFailure(.badData, "the template says no label")
    }
    return AnnotationDraft(
      choice: choice, label: label, note: filled.note, tags: filled.tags,
      confidence: try filled.confidence.map { try Confidence(parsing: $0) }, id: id)
  }
}
