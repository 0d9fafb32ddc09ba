extension Workspace {
  /// Runs `body` as ``edit(_:)`` does, with every check, and takes all of it back.
  package func rehearse<Value>(_ body: (inout WorkspaceEditor) throws -> Value) throws -> Value {
    try logDatabase.rehearse { db in
      var editor = try WorkspaceEditor(db, machine: machine)
      return try body(&editor)
    }
  }
}
