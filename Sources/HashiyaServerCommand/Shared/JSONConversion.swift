import Auditor
import CommandLineKit

extension JSONValue {
  /// The audit's values, as they are printed.
  init(_ value: AuditValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let number): self = .integer(number)
    case .decimal(let digits): self = .decimal(digits)
    case .text(let text): self = .string(text)
    case .list(let values): self = .array(values.map { JSONValue($0) })
    case .object(let members): self = .object(members.map { ($0.name, JSONValue($0.value)) })
    }
  }
}
