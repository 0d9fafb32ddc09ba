import Foundation
import SimulationKit

/// `Protocol/when-things-go-wrong.md`, as a reader with a shell takes it.
struct OperatorsPage {
  private let text: String

  init() throws {
    text = try String(
      contentsOfFile: Programs.repository + "/Protocol/when-things-go-wrong.md", encoding: .utf8)
  }

  /// The commands of a section's fenced blocks, block by block.
  func blocks(of section: String) -> [[String]] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var blocks: [[String]] = []
    var isInSection = false
    var isInBlock = false
    for line in lines {
      if line.hasPrefix("## ") {
        isInSection = line == "## \(section)"
      } else if line.hasPrefix("```") {
        isInBlock.toggle()
        if isInSection, isInBlock { blocks.append([]) }
      } else if isInSection, isInBlock {
        blocks[blocks.count - 1].append(String(line))
      }
    }
    return blocks
  }

  /// Every command of the two programs that the page names, in blocks or within its lines.
  var commands: [[String]] {
    // What stands between backquotes, whatever fences are: their lines begin with a program's name too.
    let spans = text.split(separator: "`").flatMap { $0.split(separator: "\n") }
    return spans.map { $0.split(separator: " ").map(String.init) }
      .filter { $0.first == "hashiya" || $0.first == "hashiya-server" }
      // `hashiya-server` alone is the program's name, and prose may begin a line with either.
      .filter { $0.count > 1 && $0[1].allSatisfy { $0.isLowercase || $0 == "-" } }
  }
}

/// A command that the page names, and what the program's help says of it.
struct NamedCommand {
  let program: String
  /// The subcommands, before anything that is an operand.
  let path: [String]
  let options: [String]

  init(_ words: [String]) {
    program = words[0]
    path = Array(
      words.dropFirst().prefix { $0.allSatisfy { $0.isASCII && $0.isLowercase || $0 == "-" } }
        .prefix { !$0.hasPrefix("-") })
    options = words.filter { $0.hasPrefix("--") }
  }

  /// What is wrong with it; nil where there is such a command with such options.
  func problem(on machine: Computer, in folder: String) throws -> String? {
    let executable = program == "hashiya" ? Programs.hashiya : Programs.server
    let help = try ChildProcess(
      ProcessLaunch(
        executable: executable, arguments: path + ["--help"], environment: machine.environment,
        directory: folder)
    ).wait()
    guard help.isSuccess,
      help.output.contains("USAGE: " + ([program] + path).joined(separator: " "))
    else { return "there is no command \(path.joined(separator: " ")): \(help)" }
    let missing = options.first { !help.output.contains($0) }
    return missing.map { "\(path.joined(separator: " ")) has no option \($0)" }
  }
}
