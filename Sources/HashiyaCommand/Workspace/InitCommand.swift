import AnnotationModel
import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `init`: a new workspace with its founder's replica.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Begin a workspace of your own, offline.",
    discussion: """
      Makes DIR/.hashiya with a new signing key. No server takes part; `publish`
      shares the workspace later, with everything in it.

      Examples:
        hashiya init --analyst layla
        hashiya init notes --analyst layla
      """)

  @Argument(help: "The folder that gets the .hashiya folder; made where it is missing.")
  var dir: String = "."

  @Option(parsing: .unconditional, help: "Your name, as the others will see it.")
  var analyst: String

  @OptionGroup var device: DeviceNameOption
  @OptionGroup var options: StoreOptions
}

extension InitCommand {
  func run() async throws {
    let analyst = try TextField.memberName.accept(analyst)
    let device = try device.name()
    let folder = try StoreLocation.new(in: dir, options)
    let workspace = try StoreLocation.making {
      try Workspace.found(in: folder, analyst: analyst, device: device, machine: .system)
    }
    try WorkspaceIdentity(workspace).print(on: options.console) { identity in
      ["A new workspace of \(identity.analyst)'s in \(folder)."]
    }
    options.console.note([
      "next: hashiya article add FILE…", "      hashiya publish CODE   to share it on a server",
    ])
  }
}
