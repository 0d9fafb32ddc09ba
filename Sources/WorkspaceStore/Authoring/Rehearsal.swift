extension Workspace {
  /// Runs `body` as ``edit(_:)`` does, with every check, and takes all of it back.
  package func rehearse<Value>(_ body: (inout WorkspaceEditor) throws -> Value) throws -> Value {
    var value: Value?
    do {
      try logDatabase.write { db in
        var editor = try WorkspaceEditor(db, machine: machine)
        value = try body(&editor)
        throw TakenBack()
      }
    } catch is TakenBack {}
    guard let value else { preconditionFailure("the body ran to its end") }
    return value
  }
}

/// Rolls a rehearsal's transaction back.
private struct TakenBack: Error {}
