import AnnotationModel
import MergeCore
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The code points of a literal; literals are never compared as strings.
func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

/// Whether two strings have the same code points.
func same(_ left: String?, _ right: String?) -> Bool {
  switch (left, right) {
  case (nil, nil): true
  case (let left?, let right?): UTF8Text.identical(left, right)
  default: false
  }
}

/// The article of a text, as if its UTF-8 had been imported.
func article(_ text: String) throws -> ArticleText {
  try ArticleText(importing: Array(text.utf8))
}

/// The bytes of one of the five seed articles, by its number.
func seed(_ number: Int, file: String = #filePath) throws -> [UInt8] {
  let names = [
    "000_fdf1f0661f26e64a.txt", "001_2bdfbb279d896f4f.txt", "002_69343e0133e2dd8e.txt",
    "003_25934b4f72f7a35f.txt", "004_e738bacd9621d9b6.txt",
  ]
  // Tests/AnnotationModelTests/Fixtures.swift lies three below the root of the repository.
  let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
  return try read("/\(root)/seeds/\(names[number])")
}

private func read(_ path: String) throws -> [UInt8] {
  let handle = try #require(fopen(path, "rb"), "cannot open \(path)")
  defer { fclose(handle) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, handle)
    if count == 0 { return bytes }
    bytes += buffer.prefix(count)
  }
}
