import Crypto
import FoundationEssentials
import Glibc
import WorkspaceStore

/// The form of an archive that every Unix opens: POSIX.1-2017, pax, "ustar Interchange Format".
///
/// An entry is a header of 512 bytes and the file, filled up with zeros to a multiple of 512; two
/// blocks of zeros end the archive.
enum TarArchive {
  static let blockBytes = 512
  /// Bytes that are copied at a time.
  static let pieceBytes = 1 << 20
  /// The last entry: the SHA-256 of all others, as `sha256sum -c` reads them.
  static let sumsName = "SHA256SUMS"

  /// Bytes of a file whose size eleven octal digits hold.
  static let octalSizeMax = (1 << 33) - 1

  /// A header: name, mode, size and its own checksum; everything else is left at nobody's and never.
  ///
  /// A size of more than ``octalSizeMax`` stands as a binary number, whose first byte has its highest
  /// bit set (GNU tar, "Extensions to the Standard Format"; bsdtar and busybox read it too).
  static func header(name: String, mode: UInt32, size: Int) -> [UInt8] {
    precondition(name.utf8.count <= 100 && size >= 0, "names are this program's own")
    var block = [UInt8](repeating: 0, count: blockBytes)
    func put(_ text: String, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    func octal(_ number: Int, digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put(octal(Int(mode), digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    if size <= octalSizeMax {
      put(octal(size, digits: 11), at: 124)
    } else {
      block[124] = 0x80
      let bytes = withUnsafeBytes(of: UInt64(size).bigEndian) { Array($0) }
      block.replaceSubrange(128..<136, with: bytes)
    }
    put(octal(0, digits: 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
    return block
  }

  /// What a header says; nil for one that is damaged, or of another kind than a plain file.
  static func entry(_ block: [UInt8]) -> (name: String, size: Int)? {
    func number(_ range: Range<Int>) -> Int? {
      let digits = block[range].prefix { $0 != 0 && $0 != 0x20 }
      return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
    /// Octal digits, or a binary number below 2⁶³.
    func size() -> Int? {
      guard block[124] & 0x80 != 0 else { return number(124..<136) }
      guard block[124] == 0x80, block[125..<128].allSatisfy({ $0 == 0 }) else { return nil }
      return Int(exactly: block[128..<136].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    let blanked = block[..<148] + [UInt8](repeating: 0x20, count: 8) + block[156...]
    guard number(148..<156) == blanked.reduce(0, { $0 + Int($1) }), block[156] == 0x30,
      let size = size(), size >= 0
    else { return nil }
    return (String(decoding: block[..<100].prefix { $0 != 0 }, as: UTF8.self), size)
  }
}

/// A file that is written from its beginning to its end, and then made durable.
struct OutgoingFile: ~Copyable {
  private let descriptor: CInt
  let path: String

  /// Makes the file, which is not there; only its owner may read it.
  init(making path: String) throws(ServerFailure) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    self.path = path
    guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemReason()) }
  }

  deinit { Glibc.close(descriptor) }

  func write(_ bytes: some Sequence<UInt8>) throws(ServerFailure) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw .cannotCreate(path: path, reason: systemReason())
      }
    }
  }

  /// Makes what was written durable.
  func flush() throws(ServerFailure) {
    guard fsync(descriptor) == 0 else { throw .cannotCreate(path: path, reason: systemReason()) }
  }
}

/// A file that is read from its beginning to its end.
struct IncomingFile: ~Copyable {
  private let descriptor: CInt
  let path: String

  init(opening path: String) throws(ServerFailure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
  }

  deinit { Glibc.close(descriptor) }

  /// The next bytes: fewer than `count` only at the file's end.
  func read(_ count: Int) throws(ServerFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let part = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
      }
      if part == 0 { break }
      if part > 0 {
        filled += part
      } else if errno != EINTR {
        throw .cannotRead(path: path, reason: systemReason())
      }
    }
    return Array(bytes.prefix(filled))
  }
}
