import AnnotationModel
import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `member rename`: another name for a person.
struct MemberRenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give yourself, or as an admin anybody, another name.",
    discussion: """
      The person stays who they are: everything that they wrote shows the new name.

      Examples:
        hashiya member rename omar 'Omar Said'
      """)

  @Argument(help: "The member's name or id.")
  var member: String

  @Argument(help: "The new name.")
  var name: String

  @OptionGroup var options: StoreOptions
}

extension MemberRenameCommand {
  func run() async throws {
    let (former, name) = (BidiControl.trimmed(member), BidiControl.trimmed(name))
    try await MembershipAct(options).perform("\(former) is called \(name)") { editor in
      try editor.rename(member: former, to: name)
    }
  }
}
