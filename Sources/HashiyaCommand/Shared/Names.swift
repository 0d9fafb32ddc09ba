import AnnotationModel

/// Names of people as they are compared when typed.
enum Names {
  /// Whether two names are one: in lowercase and normal form C.
  static func same(_ left: String, _ right: String) -> Bool {
    NormalForm.composed(left.lowercased()) == NormalForm.composed(right.lowercased())
  }
}
