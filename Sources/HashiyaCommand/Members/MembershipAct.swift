import CommandLineKit
import WorkspaceStore

/// An act that concerns who belongs: it is made, and pushed at once, since it counts from the log on.
struct MembershipAct {
  private let options: StoreOptions

  init(_ options: StoreOptions) { self.options = options }

  /// Makes an act, pushes it, and prints `{"done","pending"}` or a line.
  func perform(_ what: StyledText, _ body: (inout WorkspaceEditor) throws -> Void) async throws {
    let console = options.console
    let workspace = try options.open()
    try workspace.author { editor in try body(&editor) }
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
