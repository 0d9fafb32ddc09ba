import AnnotationModel
import CommandLineKit

/// The JSON that commands print; AnnotationModel's type of the same name is the one that is read.
typealias JSONValue = CommandLineKit.JSONValue

/// The JSON that people and scripts give.
typealias ParsedJSON = AnnotationModel.JSONValue
