import Synchronization

/// SplitMix64 (Steele, Lea, Flood 2014): random numbers that follow from a seed alone.
///
/// A reference, so that everything in one simulation draws from one sequence.
package final class SeededRandom: RandomNumberGenerator, Sendable {
  private let state: Mutex<UInt64>

  package init(seed: UInt64) { state = Mutex(seed) }

  package func next() -> UInt64 {
    var mixed = state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      return state
    }
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// True once in `count` times.
  package func once(in count: Int) -> Bool { below(count) == 0 }

  /// A number from 0 up to, and without, `count`.
  package func below(_ count: Int) -> Int {
    var generator = self
    return Int.random(in: 0..<count, using: &generator)
  }

  /// So many bytes.
  package func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
  }

  /// One of the elements; nil where there are none.
  package func pick<Elements: Collection>(_ elements: Elements) -> Elements.Element? {
    var generator = self
    return elements.randomElement(using: &generator)
  }
}
