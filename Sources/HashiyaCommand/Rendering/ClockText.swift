import CommandLineKit

/// A machine's clock that is not the server's, in words.
enum ClockText {
  /// What the analyst is to know of a clock that is so many seconds behind, or ahead for fewer than none.
  static func warning(_ seconds: Int64) -> StyledText {
    let side = seconds > 0 ? "behind" : "ahead of"
    return StyledText(
      verbatim:
        "this machine's clock is \(length(seconds.magnitude)) \(side) the server's: what you "
        + "make is dated so; set the clock of whichever is wrong")
  }

  /// In the largest unit of which there are two.
  private static func length(_ seconds: UInt64) -> String {
    switch seconds {
    case ..<7_200: counted(seconds / 60, "minute")
    case ..<172_800: counted(seconds / 3_600, "hour")
    default: counted(seconds / 86_400, "day")
    }
  }
}
