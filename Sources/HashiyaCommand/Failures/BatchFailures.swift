import AnnotationModel
import CommandLineKit

/// What is wrong with a line of a batch file, in words that follow `line 12 of edits.jsonl: `.
enum BatchFailures {
  static func reason(_ error: BatchLineError) -> String {
    switch error {
    case .json(let error): json(error)
    case .notAnObject(let type): "is \(name(type)), and not an object"
    case .unknownOperation(let name):
      "has the unknown operation \(name); known are "
        + BatchOperation.allCases.map(\.rawValue).joined(separator: ", ")
    case .missing(let key): "has no \(key)"
    case .missingOneOf(let keys): "changes nothing: give one of \(keys.joined(separator: ", "))"
    case .unknownKey(let key): "has the key \(key), which the operation does not know"
    case .wrongType(let key, let expected, let found):
      "has \(name(found)) as \(key), where \(expected) is expected"
    case .identity(let key, let error):
      "has a wrong \(key): " + plain(AnnotationFailures.failure(error))
    case .spans(let key, let error): "has wrong \(key): " + plain(AnnotationFailures.failure(error))
    case .confidence(let key, let error):
      "has a wrong \(key): " + plain(AnnotationFailures.failure(error))
    case .tooManyTags(let count):
      "has \(count) tags, more than the \(AnnotationLimits.tagsPerLine) of a line"
    case .unknownField(let name): "names the field \(name), which no record has"
    case .unknownLifecycle(let value):
      "has the value \(value) for lifecycle, which is live or deleted"
    }
  }

  private static func json(_ error: JSONError) -> String {
    switch error {
    case .tooLong(let bytes):
      "has \(bytes) bytes, more than the \(AnnotationLimits.batchLineBytes) of a line"
    case .notUTF8(let offset): "is not UTF-8 at byte \(offset)"
    case .unexpected(let offset): "is not JSON at byte \(offset)"
    case .tooDeep(let offset): "is nested too deeply at byte \(offset)"
    case .loneSurrogate(let offset): "has half of a surrogate pair at byte \(offset)"
    case .duplicateName(let name): "has the key \(name) twice"
    }
  }

  private static func name(_ type: JSONType) -> String {
    switch type {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  private static func plain(_ failure: CommandFailure) -> String {
    failure.message.rendered(for: .plain)
  }
}
