import Glibc

/// What a process is started with.
package struct ProcessLaunch: Sendable {
  /// The executable's absolute path.
  package var executable: String
  /// The arguments behind the program's name.
  package var arguments: [String]
  /// The whole environment.
  package var environment: [String: String]
  /// The folder it starts in.
  package var directory: String
  /// What it reads on standard input, which then ends.
  package var input: [UInt8]

  /// Takes all parts.
  package init(
    executable: String, arguments: [String], environment: [String: String], directory: String,
    input: [UInt8] = []
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
  }
}

/// Why a process could not be started, or did not do what a scene needs.
package struct ProcessFailure: Error, CustomStringConvertible {
  /// What happened, with the output.
  package let description: String

  /// Takes the words.
  package init(_ description: String) { self.description = description }
}

/// The parent's ends of a started process's pipes.
struct SpawnedProcess {
  let id: Int32
  let input: Int32
  let output: Int32
  let messages: Int32
}

extension SpawnedProcess {
  /// Starts a process with three pipes and nothing else that is open here.
  ///
  /// All descriptors are made close-on-exec and everything from 3 on is closed in the child, so that
  /// tests which run side by side never hold one another's pipes open.
  init(_ launch: ProcessLaunch) throws {
    let (childInput, input) = try Self.pipe()
    let (output, childOutput) = try Self.pipe()
    let (messages, childMessages) = try Self.pipe()
    defer { for descriptor in [childInput, childOutput, childMessages] { close(descriptor) } }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in [childInput, childOutput, childMessages].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    guard GNUSpawning.addCloseFrom?(&actions, 3) == 0,
      GNUSpawning.addChangeDirectory?(&actions, launch.directory) == 0
    else { throw ProcessFailure("this C library is too old to start processes with") }

    // A test runner may block or ignore signals that the programs must get.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var id: pid_t = 0
    let words = [launch.executable] + launch.arguments
    let settings = launch.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let code = withCStrings(words) { words in
      withCStrings(settings) { settings in
        posix_spawn(&id, launch.executable, &actions, &attributes, words, settings)
      }
    }
    guard code == 0 else {
      for descriptor in [input, output, messages] { close(descriptor) }
      throw ProcessFailure("cannot start \(launch.executable): \(String(cString: strerror(code)))")
    }
    self.init(id: id, input: input, output: output, messages: messages)
  }

  /// The reading and the writing end.
  private static func pipe() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw ProcessFailure("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

/// What glibc can do when it starts a process, beyond POSIX; Swift's module of it leaves these out, so
/// they are looked up by name (glibc 2.34).
private enum GNUSpawning {
  typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

  static let addCloseFrom = function(
    "posix_spawn_file_actions_addclosefrom_np",
    as: (@convention(c) (Actions, Int32) -> Int32).self)
  static let addChangeDirectory = function(
    "posix_spawn_file_actions_addchdir_np",
    as: (@convention(c) (Actions, UnsafePointer<CChar>) -> Int32).self)

  private static func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(nil, name).map { unsafeBitCast($0, to: type) }
  }
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = texts.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
