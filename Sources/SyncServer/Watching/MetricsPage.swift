import NIOCore

/// All that `GET /metrics` says.
struct MetricsPage {
  let connections: Connections
  let budget: BodyBudget
  let registry: WorkspaceRegistry
  let clock: ServerClock

  init(_ responder: ServerResponder) {
    connections = responder.connections
    budget = responder.budget
    registry = responder.registry
    clock = responder.clock
  }

  /// Reads a snapshot of every log that is open; one that cannot be read takes nothing else away.
  func text() async -> String {
    let workspaces = await registry.figures()
    var page = MetricsText()
    addConnections(&page)
    addWork(&page)
    addLogs(&page, workspaces)
    addClock(&page)
    addProcess(&page)
    return page.text
  }

  private func addConnections(_ page: inout MetricsText) {
    let now = connections.figures
    page.add(
      "hashiya_connections", .gauge, "Connections that are open, by whose they are.",
      [
        .init(now.strangers, ("kind", "stranger")), .init(now.members, ("kind", "member")),
        .init(now.proxies, ("kind", "proxy")),
      ])
    page.add(
      "hashiya_connection_places", .gauge, "Places for connections, by whose they may be.",
      [.init(now.strangersMax, ("kind", "stranger")), .init(now.total, ("kind", "any"))])
    page.add(
      "hashiya_connections_total", .counter, "Connections that were accepted.", now.admitted)
    page.add(
      "hashiya_connections_evicted_total", .counter,
      "Connections that gave up their place to another.", now.evicted)
    page.add(
      "hashiya_body_bytes", .gauge, "Bytes of members' requests that are held.", budget.heldBytes)
  }

  private func addWork(_ page: inout MetricsText) {
    let counts = connections.metrics.counts
    page.add(
      "hashiya_requests_total", .counter, "Answers, by route and HTTP status.",
      counts.answers.sorted {
        ($0.key.route.rawValue, $0.key.status) < ($1.key.route.rawValue, $1.key.status)
      }
      .map { .init($1, ("route", $0.route.rawValue), ("status", "\($0.status)")) })
    page.add(
      "hashiya_problems_total", .counter, "Answers that were problems, by code.",
      counts.problems.sorted { $0.key < $1.key }.map { .init($1, ("code", $0)) })
    page.add(
      "hashiya_request_duration_seconds", "From a request's head to the end of its answer.",
      counts.requests)
    page.add(
      "hashiya_received_bytes_total", .counter, "Bytes of requests' bodies.",
      counts.receivedBytes)
    page.add("hashiya_sent_bytes_total", .counter, "Bytes of answers' bodies.", counts.sentBytes)
    page.add(
      "hashiya_batches_total", .counter, "Batches that were pushed, by what became of them.",
      [
        .init(counts.acceptedBatches, ("outcome", "accepted")),
        .init(counts.knownBatches, ("outcome", "known")),
        .init(counts.refusedBatches, ("outcome", "refused")),
      ])
    page.add(
      "hashiya_write_wait_seconds", "For how long requests waited for a turn to write.",
      counts.turnWaits)
    page.add("hashiya_write_turn_seconds", "For how long turns to write took.", counts.turns)
  }

  private func addLogs(_ page: inout MetricsText, _ workspaces: [WorkspaceFigures]) {
    func each(_ value: (WorkspaceFigures) -> UInt64?) -> [MetricsText.Sample] {
      workspaces.compactMap { workspace in
        value(workspace).map { .init(Int(clamping: $0), ("workspace", workspace.name)) }
      }
    }
    page.add("hashiya_log_size", .gauge, "Leaves of a log.", each(\.treeSize))
    page.add(
      "hashiya_log_signed_size", .gauge, "Leaves under a log's last checkpoint.",
      each(\.signedSize))
    page.add(
      "hashiya_log_in_doubt", .gauge, "1 for a log that takes nothing in, by why.",
      workspaces.flatMap { workspace in
        WorkspaceObstacle.reasons.map { reason in
          .init(
            workspace.obstacle?.reason == reason ? 1 : 0, ("workspace", workspace.name),
            ("reason", reason))
        }
      })
    page.add(
      "hashiya_log_file_bytes", .gauge, "Bytes of a log's file.",
      each(\.fileBytes))
    page.add(
      "hashiya_log_wal_bytes", .gauge, "Bytes beside a log's file that are not in it yet.",
      each(\.walBytes))
  }

  private func addClock(_ page: inout MetricsText) {
    // A clock of which nothing can be read is not believed, as ``Readiness`` has it.
    var (isInDoubt, jump) = (true, Int64(0))
    do {
      let doubt = try clock.doubt()
      (isInDoubt, jump) = (doubt != nil, doubt?.jump ?? 0)
    } catch {}
    page.add(
      "hashiya_clock_in_doubt", .gauge, "1 while the clock is not believed.", isInDoubt ? 1 : 0)
    page.add(
      "hashiya_clock_jump_seconds", .gauge, "By how far the clock jumped that is not believed.",
      Int(clamping: jump / 1_000))
  }

  private func addProcess(_ page: inout MetricsText) {
    let process = ProcessFigures()
    page.add(
      "process_resident_memory_bytes", .gauge, "Memory that the process has.",
      process.residentBytes)
    page.add(
      "process_cpu_seconds_total", .counter, "Processor time that the process took.",
      [.init(process.processorSeconds)])
    page.add("process_open_fds", .gauge, "Files that the process has open.", process.openFiles)
    page.add(
      "process_max_fds", .gauge, "Files that the process may have open.", process.openFilesMax)
  }
}
