import ArgumentParser
import CommandLineKit
import MergeCore
import SyncServer

/// The data folder, and where words go: what every command of the operator takes.
struct DataOptions: ConsoleOptions {
  @Option(
    help: ArgumentHelp("The data folder, instead of HASHIYA_DATA.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What this machine knows of its logs, outside of the data folder.", valueName: "dir"),
    completion: .directory)
  var state: String?

  @OptionGroup var output: OutputOptions

  var console: Console { output.console }

  /// The path that was typed, or the environment's.
  func path() throws(CommandFailure) -> String {
    if let data { return data }
    if let path = Environment.nonEmpty("HASHIYA_DATA") { return path }
    throw CommandFailure(
      .usage, "no data folder was named", remedy: "add --data DIR, or set HASHIYA_DATA")
  }

  /// The state folder that was typed, or the environment's.
  var statePath: String { state ?? StateFolder.standard(Environment.nonEmpty) }

  /// `--data` and `--state` as the next command takes them.
  func again(_ path: String) -> StyledText {
    let rest: StyledText = state.map { " --state \(argument: $0)" } ?? ""
    return "--data \(argument: path)" + rest
  }

  /// The server's folder, which `init` has made.
  func folder() throws -> ServerFolder { try ServerFolder(opening: path(), state: statePath) }
}

/// The same, and which workspace.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The workspace's name or its id; needless where there is one.", valueName: "name"))
  var workspace: String?

  @OptionGroup var options: DataOptions

  var console: Console { options.console }

  /// The workspace that was named, or the only one.
  ///
  /// Says where a WAL is now that lay beside no log.
  func open() throws -> HostedWorkspace {
    let workspace = try open(mayCopy: false)
    if let path = workspace.setAside {
      console.warn(
        "a WAL that lay beside no log was put aside, and may hold the newest leaves: \(path)")
    }
    return workspace
  }

  /// The same, to read it alone, wherever it lies: on a read-only file system, or a full disk.
  func openToRead() throws -> HostedWorkspace { try open(mayCopy: true) }

  private func open(mayCopy: Bool) throws -> HostedWorkspace {
    let folder = try options.folder()
    return try HostedWorkspace(
      opening: folder.workspace(try name(in: folder)), mayCopy: mayCopy)
  }

  private func name(in folder: ServerFolder) throws -> String {
    let names = try folder.workspaceNames()
    if let workspace {
      guard Digest256(hex: workspace) != nil else { return workspace }
      return try Self.name(of: workspace, among: names, in: folder)
    }
    if names.count == 1 { return names[0] }
    if names.isEmpty {
      throw CommandFailure(
        .noInput, "there is no workspace in \(folder.path)",
        remedy: "make a slot for one: hashiya-server workspace create NAME")
    }
    throw CommandFailure(
      .usage, "there are \(names.count) workspaces in \(folder.path)",
      details: names.map { StyledText(foreign: $0) }, remedy: "name one with --workspace")
  }
}
