import Glibc
import Logging
import NIOCore

/// How many files the system lets this process have open, against what serving needs.
struct OpenFiles {
  /// Places for connections that there are files for.
  let places: Int
  /// What to tell the operator; nil when there are enough.
  let warning: String?

  /// Raises the limit as far as it may be raised, and shares out what there is.
  ///
  /// Throws ``ServerFailure/tooFewFiles(limit:needed:)`` when there is no room for
  /// ``ServerLimits/connectionsMin``.
  ///
  /// - Parameters:
  ///   - workspaces: how many are served.
  ///   - isWatched: whether there are places for those who read the metrics, too.
  init(workspaces: Int, isWatched: Bool) throws(ServerFailure) {
    let needed =
      Self.open + ServerLimits.filesSpare + System.coreCount * ServerLimits.filesPerCore
      + workspaces * ServerLimits.filesPerWorkspace
      + (isWatched ? ServerLimits.metricsConnectionsMax : 0)
    let limit = Self.raise(to: needed + ServerLimits.connectionsMax)
    places = min(ServerLimits.connectionsMax, limit - needed)
    guard places >= ServerLimits.connectionsMin else {
      throw .tooFewFiles(limit: limit, needed: needed + ServerLimits.connectionsMax)
    }
    warning =
      places == ServerLimits.connectionsMax
      ? nil
      : """
      this process may have \(limit) files open, which leaves room for \(places) connections; \
      for \(ServerLimits.connectionsMax) raise the limit to \
      \(needed + ServerLimits.connectionsMax): ulimit -n, or LimitNOFILE of the unit
      """
  }

  /// The limit afterwards.
  private static func raise(to wanted: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
    if limit.rlim_cur < rlim_t(wanted) {
      var raised = limit
      raised.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many this process may have open.
  static var limit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many this process has open.
  static var open: Int {
    guard let folder = opendir("/proc/self/fd") else { return ServerLimits.filesSpare }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // `.`, `..`, and the descriptor that it is read by.
    return count - 3
  }
}

extension AcceptBackoffHandler {
  /// Waits a second after an accept that failed, most often for want of files, and says so.
  ///
  /// Otherwise the event loop would try again at once, for as long as the connection waits.
  static func logging(to logger: Logger) -> AcceptBackoffHandler {
    AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { error in
      let reason = String(cString: strerror(error.errnoCode))
      logger.warning(
        "cannot accept a connection; trying again in a second",
        metadata: ["reason": .string(reason)])
      return .seconds(1)
    }
  }
}
