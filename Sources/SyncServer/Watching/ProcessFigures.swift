import Glibc
import WorkspaceStore

/// What the kernel says of this process.
struct ProcessFigures {
  var residentBytes: Int
  var processorSeconds: Double
  var openFiles: Int
  var openFilesMax: Int

  init() {
    // proc(5): the second field is a name in parentheses, which may hold anything but is the last of
    // these; what follows it is counted from field 3.
    let text = Self.read("/proc/self/stat")
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    func field(_ number: Int) -> Int {
      fields.count > number - 3 ? Int(fields[number - 3]) ?? 0 : 0
    }
    residentBytes = field(24) * Int(sysconf(Int32(_SC_PAGESIZE)))
    processorSeconds = Double(field(14) + field(15)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    openFiles = OpenFiles.open
    openFilesMax = OpenFiles.limit
  }

  private static func read(_ path: String) -> String {
    let bytes = try? DurableFile.read(path, bytesMax: 4_096)
    return String(decoding: bytes.flatMap { $0 } ?? [], as: UTF8.self)
  }
}
