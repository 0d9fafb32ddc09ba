import NIOCore
import Testing

@testable import SyncServer

@Suite struct ConnectionPlacesTests {
  private func address(_ number: UInt8) -> AddressShare { AddressShare(bytes: [10, 0, 0, number]) }

  private func places() -> ConnectionPlaces {
    ConnectionPlaces(total: 8, strangersMax: 4, perMemberMax: 3)
  }

  @Test("strangers have their part of the places and no more, and the oldest gives way")
  func strangers() {
    var places = places()
    for id in 1...4 {
      #expect(places.admit(UInt64(id), as: .stranger(address(UInt8(id)))) == [])
    }
    #expect(places.admit(5, as: .stranger(address(5))) == [1])
    #expect(places.admit(6, as: .stranger(address(6))) == [2])
    #expect(places.count == 4)
  }

  @Test("many connections from one address cost nobody else theirs")
  func crowd() {
    var places = places()
    #expect(places.admit(1, as: .stranger(address(1))) == [])
    #expect(places.admit(2, as: .stranger(address(2))) == [])
    #expect(places.admit(3, as: .stranger(address(9))) == [])
    #expect(places.admit(4, as: .stranger(address(9))) == [])
    for id in 5...20 {
      let losers = places.admit(UInt64(id), as: .stranger(address(9)))
      #expect(losers.count == 1)
      #expect(losers.allSatisfy { $0 > 2 }, "\(losers)")
    }
    #expect(places.admit(21, as: .stranger(address(3))).allSatisfy { $0 > 2 })
  }

  @Test("one that is being answered goes last")
  func answering() {
    var places = places()
    for id in 1...4 { _ = places.admit(UInt64(id), as: .stranger(address(1))) }
    places.note(1, .answer)
    #expect(places.admit(5, as: .stranger(address(1))) == [2])
  }

  @Test("one that the server is looking at, or that sends its body, is spared those without a head")
  func heads() {
    var places = places()
    for id in 1...4 { _ = places.admit(UInt64(id), as: .stranger(address(1))) }
    places.note(1, .judgement)
    places.note(2, .body)
    #expect(places.admit(5, as: .stranger(address(1))) == [3])
    #expect(places.admit(6, as: .stranger(address(1))) == [4])
    // Bodies, once they are more than half, take nothing from those who have just come.
    places.note(5, .body)
    #expect(places.admit(7, as: .stranger(address(1))) == [2])
    #expect(places.assign(1, to: .member([1])) == [])
    #expect(places.holder(of: 1) == .member([1]))
  }

  @Test("one that lingers goes first, and of those that wait for the server the newest")
  func waiting() {
    var places = places()
    for id in 1...4 {
      _ = places.admit(UInt64(id), as: .stranger(address(1)))
      places.note(UInt64(id), .judgement)
    }
    places.note(2, .answer)
    places.note(3, .end)
    #expect(places.admit(5, as: .stranger(address(1))) == [3])
    places.note(5, .judgement)
    #expect(places.admit(6, as: .stranger(address(1))) == [5])
    places.note(6, .judgement)
    places.noteJudged(6)
    #expect(places.admit(7, as: .stranger(address(1))) == [6], "it is a stranger's body now")
    places.noteJudged(2)
    places.note(7, .judgement)
    #expect(places.admit(8, as: .stranger(address(1))) == [7], "an answer stays one")
  }

  @Test("members have all places but the strangers', and a stranger gives way to them")
  func members() {
    var places = places()
    for id in 1...4 { _ = places.admit(UInt64(id), as: .stranger(address(1))) }
    for id in 5...8 {
      #expect(places.admit(UInt64(id), as: .stranger(address(2))).count <= 1)
      #expect(places.assign(UInt64(id), to: .member([UInt8(id)])) == [])
    }
    #expect(places.count == 7)
    #expect(places.admit(9, as: .stranger(address(3))) == [])
    #expect(places.count == 8)
    // All are taken: of the strangers the one that has been unfinished for longest.
    let losers = places.admit(10, as: .stranger(address(4)))
    #expect(losers.count == 1 && losers.allSatisfy { $0 < 5 || $0 == 9 })
    #expect(places.assign(10, to: .member([10])) == [])
    for id in 5...8 { #expect(places.holder(of: UInt64(id)) == .member([UInt8(id)])) }
  }

  @Test("one member has at most so many")
  func oneMember() {
    var places = places()
    for id in 1...3 {
      _ = places.admit(UInt64(id), as: .stranger(address(1)))
      #expect(places.assign(UInt64(id), to: .member([1])) == [])
    }
    places.note(1, .answer)
    places.note(2, .idle)
    _ = places.admit(4, as: .stranger(address(1)))
    #expect(places.assign(4, to: .member([1])) == [3], "unfinished for longest")
    _ = places.admit(5, as: .stranger(address(1)))
    #expect(places.assign(5, to: .member([2])) == [])
  }

  @Test("when members have every place, the longest idle gives way, and where none is the newest")
  func full() {
    var places = ConnectionPlaces(total: 2, strangersMax: 1, perMemberMax: 2)
    for id in 1...2 {
      _ = places.admit(UInt64(id), as: .stranger(address(1)))
      _ = places.assign(UInt64(id), to: .member([UInt8(id)]))
      places.note(UInt64(id), .answer)
    }
    #expect(places.areScarce)
    #expect(places.admit(3, as: .stranger(address(3))) == [3])
    places.note(2, .idle)
    #expect(places.admit(4, as: .stranger(address(3))) == [2])
    places.release(4)
    places.release(1)
    #expect(places.count == 0)
  }

  @Test("an address is whole in IPv4, a /64 in IPv6, and IPv4 within IPv6 is IPv4")
  func shares() {
    #expect(share("10.0.0.1") == share("10.0.0.1"))
    #expect(share("10.0.0.1") != share("10.0.0.2"))
    #expect(share("2001:db8:0:1::1") == share("2001:db8:0:1:ffff::2"))
    #expect(share("2001:db8:0:1::1") != share("2001:db8:0:2::1"))
    #expect(share("::ffff:10.0.0.1") == share("10.0.0.1"))
  }

  private func share(_ text: String) -> AddressShare? {
    SocketAddress.bytes(of: text).map { AddressShare(bytes: $0) }
  }

  @Test("a trusted proxy's word counts, and the word of whoever stands before it does not")
  func proxies() throws {
    let proxies = try #require(TrustedProxies(["127.0.0.1", "10.1.0.0/16", "fd00::/8"]))
    let proxy = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
    func sender(_ values: String...) -> AddressShare? {
      proxies.sender(behind: proxy, forwardedFor: values)
    }
    #expect(sender("192.0.2.1") == share("192.0.2.1"))
    #expect(sender("203.0.113.9, 192.0.2.1") == share("192.0.2.1"), "the first could be made up")
    #expect(sender("203.0.113.9", "192.0.2.1, 10.1.2.3") == share("192.0.2.1"))
    #expect(sender("192.0.2.1:4711") == share("192.0.2.1"))
    #expect(sender("\"[2001:db8::1]:4711\"") == share("2001:db8::1"))
    #expect(sender() == share("127.0.0.1"))
    #expect(sender("nonsense") == share("127.0.0.1"))
    #expect(sender("192.0.2.1, unknown") == share("127.0.0.1"))
    let other = try SocketAddress(ipAddress: "192.0.2.7", port: 1)
    #expect(proxies.sender(behind: other, forwardedFor: ["10.0.0.1"]) == nil)
    #expect(TrustedProxies(["10.0.0.0/33"]) == nil)
    #expect(TrustedProxies(["example.org"]) == nil)
    #expect(TrustedProxies([""]) == nil)
  }
}
