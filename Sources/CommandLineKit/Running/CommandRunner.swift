import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Parses what was typed, runs the command, prints what went wrong and ends the process with its code.
///
/// This is the only place where errors become messages and exit codes.
package func runCommand<Root: ProgramRoot>(
  _ root: Root.Type, arguments: [String] = Array(CommandLine.arguments.dropFirst())
) async -> Never {
  // Writing to a closed pipe then fails with EPIPE, which Console and the network code handle.
  signal(SIGPIPE, SIG_IGN)
  let program = Root._commandName
  do {
    try RawArguments.check()
    let words = HoistedArguments(arguments, root: root)
    if let failure = words.missingCommand(program: program) { throw failure }
    var command = try Root.parseAsRoot(words.arguments)
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
    exit(CommandExit.success.rawValue)
  } catch {
    exit(report(error, root: root))
  }
}

/// Prints an error and returns the exit code.
private func report<Root: ProgramRoot>(_ error: any Error, root: Root.Type) -> Int32 {
  let console = Console()
  let program = Root._commandName
  if let failure = error as? CommandFailure ?? Root.failure(for: error) {
    console.tell(failure.lines(program: program))
    return failure.code.rawValue
  }
  // ArgumentParser's own errors are of types that it keeps to itself; it tells what they mean.
  let code = Root.exitCode(for: error).rawValue
  if code == CommandExit.success.rawValue {
    return printHelp(Root.fullMessage(for: error), console: console, program: program)
  }
  if code == CommandExit.usage.rawValue {
    let message = Root.fullMessage(for: error)
    console.tell([StyledText(verbatim: VisibleText.block(message, on: console.messages))])
    return code
  }
  if let silent = error as? ExitCode { return silent.rawValue }
  let failure = CommandFailure(
    .internalError, "this is a mistake in the program: \(String(describing: error))",
    remedy: "please report it with the command that you typed")
  console.tell(failure.lines(program: program))
  return failure.code.rawValue
}

/// Prints what was asked for: help, a version or a completion script.
private func printHelp(_ text: String, console: Console, program: String) -> Int32 {
  do {
    try console.writeResult((text.hasSuffix("\n") ? text : text + "\n").utf8)
    return CommandExit.success.rawValue
  } catch {
    console.tell(["cannot print: \(String(describing: error))"])
    return CommandExit.ioError.rawValue
  }
}
