import ArgumentParser
import CommandLineKit
import SyncServer

/// `backup`: everything that a server needs, in one file.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back the server up, and restore it.",
    discussion: """
      A backup is a tar archive of the data folder as it was at one moment; the server may be running
      meanwhile. A restored server that had signed more since heals from its members' stores.

      Examples:
        hashiya-server backup create /backups/monday.tar
        hashiya-server backup restore /backups/monday.tar --data srv
      """,
    subcommands: [BackupCreateCommand.self, BackupRestoreCommand.self])
}

/// `backup create`: writes an archive.
struct BackupCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Write a backup, also while the server runs.",
    discussion: """
      The archive holds the logs' secret keys unless --without-key is given: keep it as you keep those.
      `tar tf` lists it, and `sha256sum -c SHA256SUMS` checks what was unpacked from it.

      Examples:
        hashiya-server backup create /backups/monday.tar
        hashiya-server backup create monday.tar --without-key
      """)

  @Argument(help: "The file to make; an existing one is not overwritten.", completion: .file())
  var file: String

  @Flag(help: "Leave the secret keys and unspent codes out.")
  var withoutKey = false

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let summary = try options.folder().backUp(to: file, withKeys: !withoutKey)
    let console = options.console
    if console.isJSON {
      try console.print(
        [
          "file": .string(file), "bytes": JSONValue(summary.bytes),
          "workspaces": .array(
            summary.workspaces.map { ["name": .string($0.name), "size": JSONValue($0.size)] }),
          "lacking": .array(summary.lacking.map { .string($0.name) }),
        ] as JSONValue)
      return try refuse(summary)
    }
    for (name, size) in summary.workspaces {
      try console.print("\(name): \(counted(size, "leaf", "leaves"))")
    }
    try console.print(
      "\(StyledText(foreign: file))  \(counted(summary.bytes, "byte")), \(withoutKey ? "without the keys" : "with the secret keys")"
    )
    try refuse(summary)
  }

  /// Says which logs are not in the archive, which has everything else.
  private func refuse(_ summary: ServerFolder.BackupSummary) throws {
    guard !summary.lacking.isEmpty else { return }
    for (name, failure) in summary.lacking {
      options.console.warn("\(name) is backed up without its log: \(failure.words)")
    }
    throw ExitCode(CommandExit.ioError.rawValue)
  }
}

/// `backup restore`: makes a data folder of an archive.
struct BackupRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a data folder of a backup.",
    discussion: """
      The data folder must not be there yet. Everything is compared with the archive's sums first.

      Examples:
        hashiya-server backup restore /backups/monday.tar --data srv
      """)

  @Argument(help: "The backup.", completion: .file())
  var file: String

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let (folder, missing) = try ServerFolder.restore(
      file, to: options.path(), state: options.statePath)
    let console = options.console
    if console.isJSON {
      return try console.print(
        [
          "origin": .string(folder.origin), "missing_keys": .array(missing.map { .string($0) }),
        ] as JSONValue)
    }
    try console.print("\(folder.origin) is restored in \(StyledText(foreign: folder.path))")
    if !missing.isEmpty {
      console.warn("these keys are not in the backup; put them back first:")
      for path in missing { console.warn("  \(StyledText(foreign: path))") }
    }
    console.note([
      "next: hashiya-server serve \(options.again(folder.path))",
      "      hashiya-server status \(options.again(folder.path))",
    ])
  }
}
