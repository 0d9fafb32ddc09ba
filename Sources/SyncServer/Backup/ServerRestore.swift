import Crypto
import FoundationEssentials
import Glibc
import MergeCore
import WorkspaceStore

extension ServerFolder {
  /// Makes a data folder of a backup.
  ///
  /// Everything is compared with the archive's sums before the folder appears, whole, at `path`, where
  /// nothing is or an empty folder. What the machine knows of the logs, in `state`, stays as it is: it
  /// tells whether leaves are missing. A key that the archive lacks is named in `missingKeys`.
  ///
  /// Throws ``ServerFailure``.
  package static func restore(
    _ file: String, to path: String, state: String
  ) throws -> (folder: ServerFolder, missingKeys: [String]) {
    let path = withoutSlash(path)
    guard !ServerFile.exists(path + "/server.json") else {
      throw ServerFailure.alreadyInitialized(path: path)
    }
    let draft = path + ".\(getpid()).new"
    try ServerFile.makeFolder(draft)
    do {
      try ServerFile.makeFolder(draft + "/workspaces")
      var reader = try BackupReader(IncomingFile(opening: file), folder: draft)
      try reader.unpack()
      guard rename(draft, path) == 0 else {
        throw ServerFailure.cannotCreate(path: path, reason: systemReason())
      }
    } catch {
      try? FileManager.default.removeItem(atPath: draft)
      throw error
    }
    try ServerFile.flushFolder(of: path)
    let folder = try ServerFolder(opening: path, state: state)
    let missing = try folder.workspaceNames().filter { try folder.workspace($0).signer() == nil }
    return (folder, missing.map { folder.workspace($0).path + "/" + BackupFile.keyName })
  }
}

/// An archive being unpacked into a folder.
private struct BackupReader: ~Copyable {
  private let file: IncomingFile
  private let folder: String
  private var sums: [String: String] = [:]

  init(_ file: consuming IncomingFile, folder: String) {
    self.file = file
    self.folder = folder
  }

  mutating func unpack() throws(ServerFailure) {
    var stated: [UInt8]?
    while stated == nil {
      let block = try file.read(TarArchive.blockBytes)
      guard block.count == TarArchive.blockBytes, let (name, size) = TarArchive.entry(block)
      else { throw damaged("it is cut short, or no backup of a server") }
      if name == TarArchive.sumsName {
        guard size <= 1 << 20 else { throw damaged("its sums are too long") }
        stated = try file.read(size)
      } else {
        try unpack(name, size)
      }
    }
    try compare(String(decoding: stated ?? [], as: UTF8.self))
  }

  private mutating func unpack(_ name: String, _ size: Int) throws(ServerFailure) {
    guard let entry = BackupFile(name), sums[name] == nil else {
      throw damaged("it holds \(name), which no backup of a server does")
    }
    if case .workspace(let workspace, _) = entry {
      let path = "\(folder)/workspaces/\(workspace)"
      if !ServerFile.exists(path) { try ServerFile.makeFolder(path) }
    }
    let target = try OutgoingFile(making: "\(folder)/\(name)")
    var hash = SHA256()
    var left = size
    while left > 0 {
      let piece = try file.read(min(left, TarArchive.pieceBytes))
      guard !piece.isEmpty else { throw damaged("it is cut short") }
      hash.update(data: piece)
      try target.write(piece)
      left -= piece.count
    }
    try target.flush()
    let rest = size % TarArchive.blockBytes
    if rest > 0 { _ = try file.read(TarArchive.blockBytes - rest) }
    sums[name] = hexText(Array(hash.finalize()))
  }

  /// Every file has the sum that the archive states, and none is missing.
  private func compare(_ text: String) throws(ServerFailure) {
    var stated: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard line.utf8.count > 66 else { throw damaged("its sums do not decode") }
      stated[String(line.dropFirst(66))] = String(line.prefix(64))
    }
    for name in Set(stated.keys).union(sums.keys).sorted() where stated[name] != sums[name] {
      throw damaged("\(name) is not what was backed up")
    }
    guard sums["server.json"] != nil else { throw damaged("it has no server.json") }
  }

  private func damaged(_ what: String) -> ServerFailure {
    .badBackup(path: file.path, what: what)
  }
}
