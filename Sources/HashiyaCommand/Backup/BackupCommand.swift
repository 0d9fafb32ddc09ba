import ArgumentParser
import CommandLineKit
import Glibc
import WorkspaceStore

/// `backup`: the whole store in one file.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back the store up, and restore it.",
    discussion: """
      A backup holds everything: articles, annotations, what is pending, and the signing key. Copying
      the .hashiya folder while something writes may leave the latest work out; this does not.

      Examples:
        hashiya backup create monday.hashiya
        hashiya backup restore monday.hashiya notes
      """,
    subcommands: [BackupCreateCommand.self, BackupRestoreCommand.self])
}

/// `backup create`: writes the file.
struct BackupCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Write a backup.",
    discussion: """
      The file holds the key that signs in your name: keep it as you keep the store.

      Examples:
        hashiya backup create monday.hashiya
      """)

  @Argument(help: "The file to make; an existing one is not overwritten.", completion: .file())
  var file: String

  @OptionGroup var options: StoreOptions
}

extension BackupCreateCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    guard access(file, F_OK) != 0 else {
      throw CommandFailure(
        .cannotCreate, "\(file) is there already",
        remedy: "choose another name, or remove the file first")
    }
    try workspace.backUp(to: file)
    var status = stat()
    stat(file, &status)
    if console.isJSON {
      return try console.print(
        ["file": .string(file), "bytes": .integer(Int(status.st_size))] as JSONValue)
    }
    try console.print("\(file, .strong)  \(counted(Int(status.st_size), "byte"))")
  }
}

/// `backup restore`: makes a store of it.
struct BackupRestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a store of a backup.",
    discussion: """
      Makes DIR/.hashiya. What the server has learnt since comes with the next sync; what only the lost
      store had is gone. Should the original still be at work, both go on, and nothing is doubled.

      Examples:
        hashiya backup restore monday.hashiya
        hashiya backup restore monday.hashiya notes
      """)

  @Argument(help: "The backup.", completion: .file())
  var file: String

  @Argument(help: "The folder that gets the .hashiya folder; made where it is missing.")
  var dir: String = "."

  @OptionGroup var options: StoreOptions
}

extension BackupRestoreCommand {
  func run() async throws {
    guard access(file, R_OK) == 0 else {
      throw CommandFailure(
        .noInput, "cannot read \(file): \(String(cString: strerror(errno)))")
    }
    let folder = try StoreLocation.new(in: dir, options)
    let workspace: Workspace
    do {
      workspace = try StoreLocation.making {
        try Workspace.restore(file, in: folder, machine: .system)
      }
    } catch let error as StoreFailure {
      throw failure(error)
    }
    try WorkspaceIdentity(workspace).print(on: options.console) { identity in
      ["The store of \(identity.analyst) is restored in \(folder)."]
    }
    options.console.note("next: hashiya sync   to catch up, and hashiya status")
  }

  private func failure(_ failure: StoreFailure) -> any Error {
    guard case .corrupt(let what) = failure else { return failure }
    return CommandFailure(
      .badData, "\(file) is no backup of a store, or is damaged: \(what)",
      remedy: "use another backup")
  }
}
