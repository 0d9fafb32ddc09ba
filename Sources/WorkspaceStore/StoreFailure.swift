import Crypto
import GRDB
import TransparencyLog

/// What can go wrong with a store; mapped once to exit codes and problem documents.
package enum StoreFailure: Error, Sendable {
  /// There is no store at or above the path.
  case notFound(path: String)
  /// There is one already.
  case alreadyExists(path: String)
  /// A store was begun in the folder and never finished: nothing is in it.
  case unfinished(path: String)
  /// The store was written by a newer version.
  case newerSchema(path: String)
  /// The file is not what this program wrote; the text says what is wrong.
  case corrupt(String)
  /// The disk is full; nothing was changed.
  case diskFull
  /// The file system of the path is read-only.
  case readOnly(path: String)
  /// The path is another user's, and this one may not write there, or not even read.
  case notYours(path: String, owner: String, canRead: Bool)
  /// No temporary folder has room for so many bytes.
  case noTemporaryRoom(bytes: UInt64)
  /// Reading or writing failed.
  case inputOutput(String)
  /// Another process holds the store for longer than this one waits; which, as far as is known.
  case busy(by: LockHolder?)
  /// SQLite's own words, where nothing better is known.
  case database(String)
}

extension StoreFailure {
  /// Maps what GRDB throws; the one place where that happens.
  package init(_ error: any Error) {
    switch error {
    case let failure as StoreFailure:
      self = failure
    case let failure as FileFailure:
      self = StoreFailure(failure)
    case let error as DatabaseError:
      let text = error.message ?? "\(error.resultCode)"
      switch error.resultCode {
      case .SQLITE_FULL: self = .diskFull
      // The statements are this program's own and were tested: where one does not compile, a table
      // or column is not what the migrations made.
      case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR: self = .corrupt(text)
      // Nor does any of them break a constraint, unless a row is there that this program did not write.
      case .SQLITE_CONSTRAINT: self = .corrupt(text)
      case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
        self = .inputOutput(text)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(by: nil)
      default: self = .database(text)
      }
    case is RowDecodingError:
      self = .corrupt("\(error)")
    default:
      self = StoreFailure(damageIn: error) ?? .database("\(error)")
    }
  }

  /// The damage that an error tells of which a stored value gave when it was read; nil for any other.
  package init?(damageIn error: any Error) {
    switch error {
    case let error as VerifierKeyError: self = .corrupt("the log's key is no key: \(error)")
    case let error as RowDecodingError: self = .corrupt("\(error)")
    case is CryptoKitError: self = .corrupt("a replica's own key is no key")
    default: return nil
    }
  }
}
