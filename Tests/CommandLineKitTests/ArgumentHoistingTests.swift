import ArgumentParser
import Testing

@testable import CommandLineKit

private struct Sample: ProgramRoot {
  static let configuration = CommandConfiguration(
    commandName: "sample", subcommands: [Add.self, Member.self, Sync.self])
  static let globalOptions: [GlobalOption] = [.flag("--json"), .flag("--quiet"), .value("--store")]
  static func failure(for error: any Error) -> CommandFailure? { nil }
}

private struct Add: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", aliases: ["new"])
}

private struct Member: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", subcommands: [List.self, Revoke.self, Hidden.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list")
  }
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke")
  }
  struct Hidden: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hidden", shouldDisplay: false)
  }
}

/// A group that does something by itself.
private struct Sync: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", subcommands: [Run.self, Status.self], defaultSubcommand: Run.self)

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run")
  }
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status")
  }
}

@Suite("Global options before a command")
struct ArgumentHoistingTests {
  @Test(
    "they are moved behind the command's name, in their order",
    arguments: [
      ("--json add x", "add --json x"),
      ("--quiet --json add", "add --quiet --json"),
      ("--store /p add x", "add --store /p x"),
      ("--store=/p add", "add --store=/p"),
      ("--json new x", "new --json x"),
      ("--json member --quiet list --store /p", "member list --json --quiet --store /p"),
      ("member --json list", "member list --json"),
      ("--json sync", "sync --json"),
      ("--json sync --quiet", "sync --json --quiet"),
      ("--json sync status", "sync status --json"),
      // An option's value may be a command's name.
      ("--store add add x", "add --store add x"),
    ])
  func hoisted(typed: String, given: String) {
    #expect(arguments(typed) == words(given))
  }

  @Test(
    "what stands behind the command's name, or is no global option, stays as and where it was",
    arguments: [
      "add --note --json x", "add -- --json", "add x --store", "add list --json",
      "add --store=x --json", "", "--version", "--jsonx add", "--help", "nope --json",
    ])
  func untouched(typed: String) {
    #expect(arguments(typed) == words(typed))
  }

  @Test(
    "what asks a group for help is given without them",
    arguments: [
      ("--json --help", "--help"), ("--json member --help", "member --help"),
      ("--store /p member help list", "member help list"), ("--quiet nope", "nope"),
    ])
  func groups(typed: String, given: String) {
    #expect(arguments(typed) == words(given))
  }

  @Test("an option whose value is missing is left for the parser to complain about")
  func missingValue() {
    #expect(arguments("--store") == ["--store"])
    #expect(arguments("member --store") == ["member", "--store"])
  }

  @Test("a group with none of its commands is told which there are, hidden ones aside")
  func missingCommand() throws {
    let missing = try #require(failure("--json member"))
    #expect(missing.code == .usage)
    #expect(
      lines(missing) == [
        "sample: sample member needs a command: list, revoke", "  see sample member --help",
      ])
  }

  @Test("a word that is no command is told the nearest one, unless none is near")
  func unknownCommand() throws {
    #expect(
      lines(try #require(failure("member lst"))) == [
        "sample: sample member has no command lst", "  did you mean sample member list?",
      ])
    #expect(
      lines(try #require(failure("member zzzzzz"))).last == "  see sample member --help")
    #expect(
      lines(try #require(failure("adx"))) == [
        "sample: sample has no command adx", "  did you mean sample add?",
      ])
    // Near is what may be a slip of the finger.
    #expect(lines(try #require(failure("abc"))).last == "  see sample --help")
    #expect(lines(try #require(failure("snyc"))).last == "  did you mean sample sync?")
    let long = String(repeating: "é", count: 1_000)
    #expect(lines(try #require(failure(long))).last == "  see sample --help")
  }

  @Test("what is typed in place of a command is shown as foreign text")
  func foreignWord() throws {
    let words = HoistedArguments(["member", "\u{1B}[2J"], root: Sample.self)
    let unknown = try #require(words.missingCommand(program: "sample"))
    #expect(unknown.message.rendered(for: .plain).hasSuffix("has no command ␛[2J"))
  }

  @Test(
    "nothing is missing where a command is named, or help is asked for",
    arguments: [
      "add", "add --help", "member list", "member --help", "member help", "sync", "sync --json",
    ])
  func nothingMissing(typed: String) {
    #expect(failure(typed) == nil)
  }

  private func words(_ typed: String) -> [String] { typed.split(separator: " ").map(String.init) }

  private func arguments(_ typed: String) -> [String] {
    HoistedArguments(words(typed), root: Sample.self).arguments
  }

  private func failure(_ typed: String) -> CommandFailure? {
    HoistedArguments(words(typed), root: Sample.self).missingCommand(program: "sample")
  }

  private func lines(_ failure: CommandFailure) -> [String] {
    failure.lines(program: "sample").map { $0.rendered(for: .plain) }
  }
}
