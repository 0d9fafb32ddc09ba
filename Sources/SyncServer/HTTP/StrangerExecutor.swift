import Dispatch
import Glibc
import NIOCore
import NIOPosix

/// Runs the steps of all requests until it is known who sends them, on threads that give way.
///
/// Whatever strangers send by the thousand takes the processors' time that neither members' requests
/// nor other programs of the machine want, and a third of what they would take beside those. Members'
/// requests leave it as soon as their token is checked; see ``MemberExecutor``. Looking somebody up may
/// block a thread, nothing longer.
final class StrangerExecutor: TaskExecutor {
  static let shared = StrangerExecutor()

  private let threads = NIOThreadPool(numberOfThreads: System.coreCount)

  private init() {
    // A thread has the niceness of whoever starts it, and may not take it back.
    let (starter, haveStarted) = (NIOThreadPool(numberOfThreads: 1), DispatchSemaphore(value: 0))
    starter.start()
    starter.submit { [threads] _ in
      // On Linux, 0 is the thread that calls.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, ServerLimits.strangerNiceness)
      threads.start()
      haveStarted.signal()
    }
    haveStarted.wait()
    starter.shutdownGracefully { _ in }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
