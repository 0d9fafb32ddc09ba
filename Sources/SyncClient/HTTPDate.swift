/// The time in an HTTP `Date` header (RFC 9110 §5.6.7, IMF-fixdate), seconds since 1970; nil for any
/// other form.
func httpDateSeconds(_ text: String) -> Int64? {
  let parts = text.split(separator: " ")
  guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]),
    let month = months.firstIndex(of: String(parts[2])), let year = Int64(parts[3])
  else { return nil }
  let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
  guard clock.count == 3 else { return nil }
  let days = daysSince1970(year: year, month: Int64(month) + 1, day: day)
  return days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
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
