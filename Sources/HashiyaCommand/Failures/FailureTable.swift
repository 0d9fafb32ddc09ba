import AnnotationModel
import CommandLineKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// What the errors of the other modules mean to a person: their exit codes, words and remedies.
///
/// This is the one table. An error that it does not know is a mistake in this program (exit 70).
enum FailureTable {
  static func failure(for error: any Error) -> CommandFailure? {
    switch error {
    case let error as SpanError: AnnotationFailures.failure(error)
    case let error as TextFieldError: AnnotationFailures.failure(error)
    case let error as ExternalIDError: AnnotationFailures.failure(error)
    case let error as ConfidenceError: AnnotationFailures.failure(error)
    case let error as ShareCodeError: ShareCodeFailures.failure(error)
    case let error as StoreFailure: StoreFailures.failure(error)
    case let error as RepairRefusal: RepairFailures.failure(error)
    case let error as SyncFailure: SyncFailures.failure(error)
    case let error as IngestFailure: BundleFailures.failure(error, file: "the bundle")
    case let error as BundleRefusal: BundleFailures.failure(error, file: "the bundle")
    case let error as Refusal: SyncFailures.failure(error)
    default: StoreFailure(damageIn: error).map(StoreFailures.failure)
    }
  }
}

/// Codes that were handed over.
enum ShareCodeFailures {
  static func failure(_ error: ShareCodeError) -> CommandFailure {
    switch error {
    case .notACode:
      CommandFailure(
        .badData, "this is no code of a hashiya server",
        remedy: "paste the whole line, which begins with hashiya1-")
    case .damaged:
      CommandFailure(
        .badData, "the code is cut short or mistyped",
        remedy: "paste the whole line again, or ask for it again")
    case .newerVersion:
      CommandFailure(
        .badData, "the code is of a newer version of hashiya", remedy: "upgrade hashiya")
    }
  }
}
