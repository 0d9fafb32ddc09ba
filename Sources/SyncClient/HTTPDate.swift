/// The time in an HTTP `Date` header (RFC 9110 §5.6.7, IMF-fixdate), seconds since 1970; nil for any
/// other form.
///
///     Sun, 06 Nov 1994 08:49:37 GMT
///
/// Every part has a fixed width and a range, so that no number of a server's is too large to count
/// with. The day's name is not compared with the date.
func httpDateSeconds(_ text: String) -> Int64? {
  let parts = text.split(separator: " ", omittingEmptySubsequences: false)
  guard parts.count == 6, parts[0].utf8.count == 4, parts[0].last == ",", parts[5] == "GMT",
    let day = number(parts[1], digits: 2, in: 1...31),
    let month = months.firstIndex(of: String(parts[2])),
    let year = number(parts[3], digits: 4, in: 0...9999)
  else { return nil }
  let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
  guard clock.count == 3, let hour = number(clock[0], digits: 2, in: 0...23),
    let minute = number(clock[1], digits: 2, in: 0...59),
    // 60 is a leap second.
    let second = number(clock[2], digits: 2, in: 0...60)
  else { return nil }
  let days = daysSince1970(year: year, month: Int64(month) + 1, day: day)
  return days * 86_400 + hour * 3_600 + minute * 60 + second
}

/// The number that so many decimal digits spell; nil for anything else.
private func number(_ text: Substring, digits: Int, in range: ClosedRange<Int64>) -> Int64? {
  guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
    let number = Int64(text), range.contains(number)
  else { return nil }
  return number
}

private let months = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

/// Days from 1970-01-01 in the Gregorian calendar: years are counted from March, so that the leap day
/// is a year's last.
private func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
  let marchYear = month <= 2 ? year - 1 : year
  let marchMonth = (month + 9) % 12
  let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
  return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
}
