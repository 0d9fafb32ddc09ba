/// Every size and count that a person, a file or another replica controls in this module.
///
/// Each is checked where the value enters; a value exactly at its limit is accepted.
package enum AnnotationLimits {
  /// The bytes of one version of an article, as imported.
  package static let articleBytes = 1 << 20
  /// The spans of one target.
  package static let spanCount = 64
  /// The code points of context kept on each side of a quote.
  package static let contextCodePoints = 32
  /// The code points on each side of a passage within which the ends of its sentence are looked for.
  package static let sentenceCodePoints = 200
  /// The bytes of an encoded target: a quote of a whole article in the most spans with full
  /// contexts.
  package static let targetBytes =
    Target.headerBytes + articleBytes
    + spanCount * (Quotation.fixedBytes + 2 * contextCodePoints * 4)

  /// The UTF-8 bytes of a label's name, a tag, a relation's type or a member's name.
  package static let nameBytes = 256
  /// The UTF-8 bytes of an article's title.
  package static let titleBytes = 1024
  /// The code points of a title made from an article's first line.
  package static let defaultTitleCodePoints = 120
  /// The UTF-8 bytes of an article's source, mostly a URL.
  package static let sourceBytes = 2048
  /// The UTF-8 bytes of a file's name; the longest that common file systems take.
  package static let fileNameBytes = 255
  /// The UTF-8 bytes of a note or a reply.
  package static let noteBytes = 64 << 10
  /// The UTF-8 bytes of the reason that a resolution gives.
  package static let reasonBytes = 4 << 10

  /// The UTF-8 bytes of an identity that a script gives.
  package static let externalIDBytes = 128
  /// The hexadecimal digits that a short handle has at least.
  package static let handleDigitsMin = 4
  /// The places that an error about a quote lists; the error still counts them all.
  package static let placesListed = 20

  /// The bytes of one line of a batch file: an article whose every byte is written `\u00XX`, and
  /// room.
  package static let batchLineBytes = 8 << 20
  /// The arrays and objects that may enclose one another in a batch line.
  package static let jsonDepth = 8
  /// The tags that one line of a batch file gives.
  package static let tagsPerLine = 256
  /// The characters of a decimal number that are read.
  package static let decimalCharacters = 64
}
