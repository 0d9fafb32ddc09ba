import Synchronization

/// The bytes of members' bodies that the server holds at once, and of them each member's.
///
/// What a stranger may send is so little that places bound it. The first
/// ``ServerLimits/bodyBytesFree`` bytes of a body are not counted: they are bounded by the places too,
/// and so a small request always has room.
final class BodyBudget: Sendable {
  private struct Held {
    var total = 0
    var byMember: [[UInt8]: Int] = [:]
  }

  private let bytesMax: Int
  private let memberBytesMax: Int
  private let held = Mutex(Held())

  init(bytesMax: Int, memberBytesMax: Int) {
    self.bytesMax = bytesMax
    self.memberBytesMax = memberBytesMax
  }

  /// What is held now, of all members.
  var heldBytes: Int { held.withLock { $0.total } }

  /// A reservation that ends with its value.
  func lease(for member: [UInt8]) -> Lease { Lease(self, member) }

  fileprivate func take(_ count: Int, for member: [UInt8]) throws(Problem) {
    let isTaken = held.withLock { held in
      let own = held.byMember[member, default: 0]
      guard held.total + count <= bytesMax, own + count <= memberBytesMax else { return false }
      held.total += count
      held.byMember[member] = own + count
      return true
    }
    guard isTaken else { throw .storageBusy }
  }

  fileprivate func give(_ count: Int, of member: [UInt8]) {
    held.withLock { held in
      held.total -= count
      let own = held.byMember[member, default: 0] - count
      held.byMember[member] = own > 0 ? own : nil
    }
  }

  /// What one request holds of the budget.
  final class Lease: Sendable {
    private let budget: BodyBudget
    private let member: [UInt8]
    private let seen = Mutex(0)

    fileprivate init(_ budget: BodyBudget, _ member: [UInt8]) {
      self.budget = budget
      self.member = member
    }

    deinit { budget.give(Self.counted(seen.withLock { $0 }), of: member) }

    /// Takes more; throws ``Problem/storageBusy`` when the server, or the member, holds too much
    /// already.
    func take(_ count: Int) throws(Problem) {
      let before = seen.withLock { $0 }
      try budget.take(Self.counted(before + count) - Self.counted(before), for: member)
      seen.withLock { $0 = before + count }
    }

    private static func counted(_ bytes: Int) -> Int { max(0, bytes - ServerLimits.bodyBytesFree) }
  }
}
