import TransparencyLog

/// What a path names.
enum RequestTarget: Equatable {
  case health
  case ready
  case exchange(workspace: String)
  case heal(workspace: String)
  case checkpoint(workspace: String)
  case tile(Tile, workspace: String)

  /// Nil for a path that names nothing.
  init?(path: String) {
    guard path.utf8.count <= ServerLimits.pathBytesMax else { return nil }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    switch parts.count {
    case 1 where parts.elementsEqual(["health"]): self = .health
    case 1 where parts.elementsEqual(["ready"]): self = .ready
    case 4... where parts.prefix(2).elementsEqual(["v1", "workspaces"]):
      self.init(workspace: String(parts[3]), rest: parts.dropFirst(3).joined(separator: "/"))
    default: return nil
    }
  }

  private init?(workspace: String, rest: String) {
    switch rest {
    case "exchange": self = .exchange(workspace: workspace)
    case "heal": self = .heal(workspace: workspace)
    case "log/checkpoint": self = .checkpoint(workspace: workspace)
    default:
      guard rest.hasPrefix("log/"), let tile = Tile(path: String(rest.dropFirst(4))) else {
        return nil
      }
      self = .tile(tile, workspace: workspace)
    }
  }

  /// What it is counted as.
  var route: ServerMetrics.Route {
    switch self {
    case .health: .health
    case .ready: .ready
    case .exchange: .exchange
    case .heal: .heal
    case .checkpoint: .checkpoint
    case .tile: .tile
    }
  }

  /// The only method that the target takes.
  var method: String {
    switch self {
    case .exchange, .heal: "POST"
    case .health, .ready, .checkpoint, .tile: "GET"
    }
  }
}
