#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Lets the analyst write a text in the editor of their choice: `$VISUAL`, else `$EDITOR`, else `vi`.
package enum TextEditor {
  /// The text that came back, and the file that holds it until it has been used.
  package struct Result: Sendable {
    /// What was saved.
    package let text: String
    /// Where it was saved.
    ///
    /// Remove it when its content is stored; keep it, and say so, when it is not.
    package let path: String

    /// Removes the file.
    package func discard() { unlink(path) }
  }

  /// Opens the editor on `template`, which ends with a line feed, and waits.
  ///
  /// The file is readable by its owner only. A text that comes back unchanged or blank means that the
  /// analyst thought better of it, or that the editor opened a window and returned at once: on a terminal
  /// that is asked. Then the file is removed and nothing is done.
  package static func edit(_ template: String, sizeMax: Int) throws(CommandFailure) -> Result {
    let path = try writeTemporary(template)
    do {
      try runEditor(on: path)
    } catch {
      if try InputStream(opening: path).readText(limit: sizeMax) + "\n" == template {
        unlink(path)
        throw error
      }
      throw CommandFailure(
        error.code, error.message, remedy: "what you wrote is still in \(argument: path)")
    }
    if let text = try written(path, template, sizeMax) { return Result(text: text, path: path) }
    if askWhetherSaved(), let text = try written(path, template, sizeMax) {
      return Result(text: text, path: path)
    }
    let isEmpty = try saved(path, sizeMax).unicodeScalars.allSatisfy(\.properties.isWhitespace)
    unlink(path)
    let what: StyledText = isEmpty ? "the text came back empty" : "the text came back unchanged"
    throw CommandFailure(
      .badData, what + ", so nothing was done",
      remedy:
        "an editor that opens a window of its own has to wait for it, as in EDITOR='code --wait'"
    )
  }

  /// What is saved; nil while it is the template, or blank.
  private static func written(
    _ path: String, _ template: String, _ sizeMax: Int
  ) throws(CommandFailure) -> String? {
    let text = try saved(path, sizeMax)
    let hasInk = text.unicodeScalars.contains { !$0.properties.isWhitespace }
    return hasInk && Array((text + "\n").utf8) != Array(template.utf8) ? text : nil
  }

  private static func saved(_ path: String, _ sizeMax: Int) throws(CommandFailure) -> String {
    do {
      return try InputStream(opening: path).readText(limit: sizeMax)
    } catch {
      throw CommandFailure(
        error.code, error.message, remedy: "what you wrote is still in \(argument: path)")
    }
  }

  /// Waits for whoever has the text open in a window; false where nobody can be asked.
  private static func askWhetherSaved() -> Bool {
    let console = Console()
    guard FileDescriptor.standardInput.isTerminal, console.messages.isTerminal else { return false }
    console.tell([
      "the editor returned, and nothing is written yet",
      "if it is still open: save there, then press enter; enter alone does nothing",
    ])
    return readLine() != nil
  }

  /// `mkstemp` makes the file with mode 0600 and refuses an existing one.
  private static func writeTemporary(_ text: String) throws(CommandFailure) -> String {
    let folder = Environment.nonEmpty("TMPDIR") ?? "/tmp"
    var template = Array((folder + "/hashiya-XXXXXX").utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else {
      let failure = FileDescriptor.Failure(number: errno)
      throw CommandFailure(.cannotCreate, "cannot make a file in \(folder): \(failure.reason)")
    }
    defer { close(number) }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    do {
      try FileDescriptor(rawValue: number).write(text.utf8)
    } catch {
      unlink(path)
      throw CommandFailure(.ioError, "cannot write \(path): \(error.reason)")
    }
    return path
  }

  /// The variable may hold arguments (`code --wait`), so a shell takes it apart, as git has it.
  private static func runEditor(on path: String) throws(CommandFailure) {
    let editor = Environment.nonEmpty("VISUAL") ?? Environment.nonEmpty("EDITOR") ?? "vi"
    let status: Int32
    do {
      status = try ChildProcess.run("/bin/sh", ["-c", "\(editor) \"$@\"", editor, path])
    } catch {
      throw CommandFailure(.unavailable, "cannot start a shell for \(editor): \(error.reason)")
    }
    guard status == 0 else {
      throw CommandFailure(
        .unavailable, "the editor \(editor) ended with status \(status), so nothing was done",
        remedy: "set EDITOR to an editor that is installed")
    }
  }
}

/// Runs another program on this terminal.
enum ChildProcess {
  /// Starts `path`, waits, and returns its exit status, or 128 and the number of the signal that ended
  /// it.
  ///
  /// Meanwhile SIGINT and SIGQUIT, which a terminal sends to both, are the child's alone.
  static func run(
    _ path: String, _ arguments: [String]
  ) throws(FileDescriptor.Failure) -> Int32 {
    let interrupt = signal(SIGINT, SIG_IGN)
    let quit = signal(SIGQUIT, SIG_IGN)
    defer {
      signal(SIGINT, interrupt)
      signal(SIGQUIT, quit)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGINT, SIGQUIT, SIGPIPE] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let failure = posix_spawn(&child, path, nil, &attributes, words, environ)
    guard failure == 0 else { throw FileDescriptor.Failure(number: failure) }

    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw FileDescriptor.Failure(number: errno) }
    }
    // The macros WIFEXITED, WEXITSTATUS and WTERMSIG are not imported.
    let signalNumber = status & 0x7F
    return signalNumber == 0 ? (status >> 8) & 0xFF : 128 + signalNumber
  }
}
