import Dispatch

/// Runs the steps of members' requests, so that none of them waits behind those of strangers.
///
/// A request has a dozen steps with a wait before each; a hundred connections that come at once would
/// stand before every one of them where all share a queue.
final class MemberExecutor: TaskExecutor {
  static let shared = MemberExecutor()

  private let queue = DispatchQueue(
    label: "members", qos: .userInitiated, attributes: .concurrent)

  private init() {}

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
