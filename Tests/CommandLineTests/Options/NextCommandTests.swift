import Foundation
import SimulationKit
import Testing

/// Messages name the next command to type: each of those in the sources is one that there is, with
/// options that it has.
@Suite struct NextCommandTests {
  /// Commands as the program itself describes them.
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { var name: String }
      var names: [Name]?
    }
    var commandName: String
    var subcommands: [Command]?
    var arguments: [Argument]?
    var defaultSubcommand: String?

    func subcommand(_ name: some StringProtocol) -> Command? {
      subcommands?.first { $0.commandName == name }
    }

    /// Its options and those of the command that it means by itself.
    var options: Set<String> {
      let own = (arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)
      return Set(own).union(defaultSubcommand.flatMap { subcommand($0) }?.options ?? [])
    }

    /// What is wrong with the words that follow the program's name; nil when nothing is.
    func fault(in words: [Substring]) -> String? {
      var (command, depth) = (self, 0)
      while depth < words.count, let next = command.subcommand(words[depth]) {
        (command, depth) = (next, depth + 1)
      }
      guard depth > 0 else { return "there is no such command" }
      if command.subcommands?.isEmpty == false, command.defaultSubcommand == nil,
        depth == words.count
      {
        return "a command is missing"
      }
      let options = words.dropFirst(depth).filter {
        $0.hasPrefix("--") && $0.count > 2 && !$0.contains("\\(")
      }
      let unknown = options.first { !command.options.contains(String($0.dropFirst(2))) }
      return unknown.map { "it has no option \($0)" }
    }
  }

  private struct Description: Decodable { var command: Command }

  private func root(_ program: String = Programs.hashiya) throws -> Command {
    let layla = try Scene.play { try $0.analyst("layla") }
    let dump = try ChildProcess(
      ProcessLaunch(
        executable: program, arguments: ["--experimental-dump-help"],
        environment: layla.machine.environment, directory: "/")
    ).wait().successful().outputBytes
    return try JSONDecoder().decode(Description.self, from: Data(dump)).command
  }

  /// Words of sentences that go on behind the program's name.
  private static let prose: Set<Substring> = ["serves", "as"]

  /// The words behind the program's name wherever a literal of the sources names a command.
  private func named(_ program: String, in source: String) throws -> [[Substring]] {
    guard source.range(of: program + " ") != nil else { return [] }
    let code = source.replacing(#/(?m)^\s*//.*$/#, with: "")
      .replacing(#/"\s*\n\s*\+ "/#, with: "")
    let command = try Regex(
      "(?:^|[^\\w/.-])\(program) ([a-z][^\"`;:,|\n]*)", as: (Substring, Substring).self)
    return code.matches(of: command).map { match in
      match.output.1.split(separator: "   ")[0].split(separator: " ").map { word in
        word.hasSuffix(".") || word.hasSuffix(")") ? word.dropLast() : word
      }
    }
  }

  @Test func `every command that a message names exists, with its options`() throws {
    let roots = [
      "hashiya": try root(), "hashiya-server": try root(Programs.server),
    ]
    var count = 0
    let folder = Programs.repository + "/Sources/"
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    where path.hasSuffix(".swift") && !path.hasPrefix("SimulationKit/") {
      let source = String(decoding: try fileBytes(folder + path), as: UTF8.self)
      for (program, root) in roots {
        for words in try named(program, in: source) where !Self.prose.contains(words[0]) {
          count += 1
          let fault = root.fault(in: words)
          #expect(
            fault == nil, "\(program) \(words.joined(separator: " ")) in \(path): \(fault ?? "")")
        }
      }
    }
    #expect(count > 100, "only \(count) commands were found")
    let root = try #require(roots["hashiya"])
    #expect(root.fault(in: ["sync", "--nope"]) != nil)
    #expect(root.fault(in: ["member"]) != nil)
    #expect(root.fault(in: ["has"]) != nil)
  }

  @Test func `every command takes the options that stand anywhere`() throws {
    func leaves(_ command: Command) -> [Command] {
      let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
      return below.isEmpty ? [command] : below.flatMap(leaves)
    }
    for command in leaves(try root()) {
      #expect(command.options.isSuperset(of: ["store", "json", "quiet"]), "\(command.commandName)")
    }
  }
}
