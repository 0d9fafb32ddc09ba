package import SwiftProtobuf

extension LieCatalogue {
  /// Whether the frames say the same with the lie as without, only spelt otherwise: as where a value
  /// stands twice, of which the last counts.
  package func isOtherSpelling<Frame: Message & Equatable>(_ lie: Lie, of type: Frame.Type) -> Bool
  {
    let told = told(lie)
    guard told.count == frames.count else { return false }
    return zip(told, frames).allSatisfy { told, honest in
      guard let one = try? Frame(serializedBytes: told.encoded),
        let other = try? Frame(serializedBytes: honest.encoded)
      else { return false }
      return one == other
    }
  }
}
