import CommandLineKit
import WorkspaceStore

/// An act that concerns who belongs: it is made, and pushed at once, since it counts from the log on.
struct MembershipAct {
  private let options: StoreOptions

  init(_ options: StoreOptions) { self.options = options }

  /// Makes an act, pushes it, and prints `{"done","pending_changes"}` or a line.
  func perform(_ what: StyledText, _ body: (inout WorkspaceEditor) throws -> Void) async throws {
    try await perform { editor in
      try body(&editor)
      return what
    }
  }

  /// The same, with the line that the act comes to.
  func perform(_ body: (inout WorkspaceEditor) throws -> StyledText) async throws {
    let console = options.console
    let workspace = try options.open()
    let what = try workspace.author { editor in try body(&editor) }
    let isPublished = try workspace.query { try $0.setting(.url) != nil }
    if isPublished, let refusal = try await InviteExchange(workspace, console).run() {
      throw refusal
    }
    let pending = try workspace.query { try $0.pendingCount() }
    if console.isJSON {
      try console.print(["done": true, "pending_changes": .integer(pending)] as JSONValue)
    } else {
      try console.print(what)
    }
  }
}
