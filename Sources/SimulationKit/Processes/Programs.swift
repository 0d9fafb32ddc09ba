import Foundation
import Glibc

/// The two programs as they were built.
package enum Programs {
  /// The analyst's program.
  package static let hashiya = path("hashiya")
  /// The operator's program.
  package static let server = path("hashiya-server")

  /// What makes a program's wall clock jump when it is preloaded.
  package static let wallClockShift = path("libWallClockShift.so")

  /// What kills a program at a step on files when it is preloaded.
  package static let killPoint = path("libKillPoint.so")

  /// The folder of the repository.
  package static let repository = String(
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
      .joined(separator: "/"))

  /// The five articles, by their file names' beginnings, in order.
  package static let seedFiles: [String] = {
    let folder = repository + "/seeds"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted().map { folder + "/" + $0 }
  }()

  /// Where the environment says, or beside the running test bundle, where the package manager puts all
  /// products.
  private static func path(_ name: String) -> String {
    var candidates = ["HASHIYA_PROGRAMS"].compactMap {
      ProcessInfo.processInfo.environment[$0].map { $0 + "/" + name }
    }
    if let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      candidates.append(running.parentFolder + "/" + name)
    }
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      candidates.append(argument.parentFolder + "/" + name)
    }
    candidates.append(repository + "/.build/debug/" + name)
    return candidates.first { access($0, X_OK) == 0 } ?? name
  }
}

extension String {
  /// The path without its last part.
  var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return String(self[..<slash])
  }
}
