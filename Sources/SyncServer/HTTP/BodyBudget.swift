import MergeCore
import SyncProtocol
import Synchronization

/// The bytes of request bodies that the server holds at once.
///
/// Anybody can make a key and sign a token with it, and enrolment is in the body: strangers have a
/// budget of their own, so that they cannot keep members out.
final class BodyBudget: Sendable {
  private let bytesMax: Int
  private let held = Mutex(0)

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// A reservation that ends with its value.
  func lease() -> Lease { Lease(self) }

  fileprivate func take(_ count: Int) throws(Problem) {
    let isTaken = held.withLock { held in
      guard held + count <= bytesMax else { return false }
      held += count
      return true
    }
    guard isTaken else { throw .storageBusy }
  }

  fileprivate func give(_ count: Int) { held.withLock { $0 -= count } }

  /// What one request holds of the budget.
  final class Lease: Sendable {
    private let budget: BodyBudget
    private let taken = Mutex(0)

    fileprivate init(_ budget: BodyBudget) { self.budget = budget }

    deinit { budget.give(taken.withLock { $0 }) }

    /// Takes more; throws ``Problem/storageBusy`` when the server holds too much already.
    func take(_ count: Int) throws(Problem) {
      try budget.take(count)
      taken.withLock { $0 += count }
    }
  }
}
