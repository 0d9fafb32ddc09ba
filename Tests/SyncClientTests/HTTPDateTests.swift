import Testing

@testable import SyncClient

@Suite("The time in an HTTP Date header")
struct HTTPDateTests {
  @Test(
    "an IMF-fixdate is read to the second, leap days and the turns of centuries included",
    arguments: [
      ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),  // the example of RFC 9110
      ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
      ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
      ("Sun, 28 Feb 2100 23:59:59 GMT", 4_107_542_399),
      ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
      ("Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648),
      ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
      ("Sun, 22 Nov 2026 09:00:00 GMT", 1_795_338_000),
    ] as [(String, Int64)])
  func read(text: String, seconds: Int64) {
    #expect(httpDateSeconds(text) == seconds)
  }

  @Test("every day of four hundred years is one day after the day before")
  func days() {
    let months = [
      ("Jan", 31), ("Feb", 28), ("Mar", 31), ("Apr", 30), ("May", 31), ("Jun", 30), ("Jul", 31),
      ("Aug", 31), ("Sep", 30), ("Oct", 31), ("Nov", 30), ("Dec", 31),
    ]
    var expected = httpDateSeconds("Sat, 01 Jan 1899 00:00:00 GMT") ?? 0
    for year in 1899..<2299 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, length) in months {
        for day in 1...(month == "Feb" && isLeap ? 29 : length) {
          let number = day < 10 ? "0\(day)" : "\(day)"
          guard httpDateSeconds("Sun, \(number) \(month) \(year) 00:00:00 GMT") == expected else {
            Issue.record("\(number) \(month) \(year)")
            return
          }
          expected += 86_400
        }
      }
    }
  }

  @Test(
    "any other form is none",
    arguments: [
      "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37", "Sun, xx Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
      "Sun, 06 Foo 1994 08:49:37 GMT", "784111777", "GMT",
      "Mon, 01 Jan 9223372036854775807 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT",
      "Mon, 9223372036854775807 Jan 2024 00:00:00 GMT",
      "Mon, 01 Jan 2024 9223372036854775807:00:00 GMT", "Mon, 01 Jan 2024 24:00:00 GMT",
      "Mon, 01 Jan 2024 00:60:00 GMT", "Mon, 01 Jan 2024 00:00:61 GMT",
      "Mon, 00 Jan 2024 00:00:00 GMT", "Mon, 32 Jan 2024 00:00:00 GMT",
      "Mon, 1 Jan 2024 00:00:00 GMT", "Mon, 01 Jan -024 00:00:00 GMT",
      "Mon, +1 Jan 2024 00:00:00 GMT", "Mon, 01 Jan 2024  00:00:00 GMT",
    ])
  func otherForms(text: String) {
    #expect(httpDateSeconds(text) == nil)
  }
}
