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

  /// Reads a snapshot of every log that is open.
  func text() async throws -> String {
    let workspaces = try await registry.figures()
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
    func each(_ value: (WorkspaceFigures) -> Int) -> [MetricsText.Sample] {
      workspaces.map { .init(value($0), ("workspace", $0.name)) }
    }
    page.add("hashiya_log_size", .gauge, "Leaves of a log.", each { Int(clamping: $0.treeSize) })
    page.add(
      "hashiya_log_signed_size", .gauge, "Leaves under a log's last checkpoint.",
      each { Int(clamping: $0.signedSize) })
    page.add(
      "hashiya_log_in_doubt", .gauge, "1 for a log that takes nothing in, by why.",
      workspaces.flatMap { workspace in
        RecoveryNeed.reasons.map { reason in
          .init(
            workspace.need?.reason == reason ? 1 : 0, ("workspace", workspace.name),
            ("reason", reason))
        }
      })
    page.add(
      "hashiya_log_file_bytes", .gauge, "Bytes of a log's file.",
      each { Int(clamping: $0.fileBytes) })
    page.add(
      "hashiya_log_wal_bytes", .gauge, "Bytes beside a log's file that are not in it yet.",
      each { Int(clamping: $0.walBytes) })
  }

  private func addClock(_ page: inout MetricsText) {
    let doubt = try? clock.doubt()
    page.add(
      "hashiya_clock_in_doubt", .gauge, "1 while the clock is not believed.", doubt == nil ? 0 : 1)
    page.add(
      "hashiya_clock_jump_seconds", .gauge, "By how far the clock jumped that is not believed.",
      Int(clamping: (doubt?.jump ?? 0) / 1_000))
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
