import Glibc
import Logging
import NIOCore

/// Whether the server takes changes in, found out at most once a second, however often it is asked.
///
/// Anybody may ask: the answer names no workspace, and none of what is known of one.
actor Readiness {
  /// Why changes are not taken in.
  enum Reason: String, CaseIterable, Sendable {
    /// A log lost leaves, or its operator has something to decide.
    case logInDoubt = "log-in-doubt"
    /// A log's file is not as it was written.
    case logDamaged = "log-damaged"
    case clockInDoubt = "clock-in-doubt"
    /// The disk is full or read-only, or a folder is not the server's.
    case cannotWrite = "cannot-write"
    /// A log cannot be opened or read, and no damage is known of it.
    case cannotOpen = "cannot-open"
  }

  private let registry: WorkspaceRegistry
  private let folder: ServerFolder
  private let logger: Logger
  private var last: (time: ContinuousClock.Instant, reasons: Task<[Reason], Never>)?
  private var told: [Reason] = []

  init(_ registry: WorkspaceRegistry, _ folder: ServerFolder, _ logger: Logger) {
    self.registry = registry
    self.folder = folder
    self.logger = logger
  }

  /// Why changes are not taken in now; empty when they are.
  func reasons() async -> [Reason] {
    let now = ContinuousClock.now
    if let last, now - last.time < .seconds(ServerLimits.readinessSeconds) {
      return await last.reasons.value
    }
    // A task of its own, so that all who ask meanwhile wait for one look, and none of them ends it by
    // going away.
    let look = Task { [registry, folder] in await Self.look(registry, folder) }
    last = (now, look)
    let reasons = await look.value
    if reasons != told {
      told = reasons
      logger.notice(
        "\(reasons.isEmpty ? "takes changes in again" : "takes no changes in")",
        metadata: ["reasons": .string(reasons.map(\.rawValue).joined(separator: " "))])
    }
    return reasons
  }

  private static func look(
    _ registry: WorkspaceRegistry, _ folder: ServerFolder
  ) async -> [Reason] {
    var reasons = Set(await registry.obstacles().map(\.obstacle.readiness))
    do {
      if try folder.clock.doubt() != nil { reasons.insert(.clockInDoubt) }
    } catch {
      reasons.insert(.clockInDoubt)
    }
    if await !registry.canWrite() { reasons.insert(.cannotWrite) }
    return Reason.allCases.filter(reasons.contains)
  }
}

extension ServerFolder {
  /// Whether files can be made where the logs, and where what was signed stand, and have a batch's
  /// room; waits for the disk.
  ///
  /// Rights are looked at in every folder, room is tried once on each file system.
  ///
  /// - Parameter names: the workspaces that are served.
  func canWrite(_ names: [String]) -> Bool {
    let state = ServerFile.exists(self.state) ? [self.state] : []
    let folders = [path] + names.map { workspace($0).path } + state
    // A log that is gone is a doubt of its own.
    let areLogsOurs = names.allSatisfy {
      access(workspace($0).path + "/log.sqlite", W_OK) == 0 || errno == ENOENT
    }
    guard areLogsOurs else { return false }
    var tried = Set<dev_t>()
    return folders.allSatisfy { folder in
      var status = stat()
      guard access(folder, W_OK | X_OK) == 0, stat(folder, &status) == 0 else { return false }
      return !tried.insert(status.st_dev).inserted || ServerFile.hasRoom(in: folder)
    }
  }
}

extension ServerFile {
  /// Whether a file of ``ServerLimits/readinessBytes`` can be made in a folder; it has no name and is
  /// gone at once.
  static func hasRoom(in folder: String) -> Bool {
    var template = Array((folder + "/.ready-XXXXXX").utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { return false }
    defer { close(file) }
    unlink(template)
    return posix_fallocate(file, 0, off_t(ServerLimits.readinessBytes)) == 0
  }
}
