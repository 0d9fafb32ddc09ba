/// A checkpoint that the log has signed, and the note that proves it.
///
/// Keep the note: two notes of one log that do not extend each other are the evidence of a fork.
package struct SignedCheckpoint: Hashable, Sendable {
  /// What the log stated.
  package let checkpoint: Checkpoint
  /// The note, with the log's signature and whatever others it carries.
  package let note: SignedNote

  /// Signs `checkpoint` as the log does.
  ///
  /// Fails only for extension lines that make the note too long.
  package init(
    signing checkpoint: Checkpoint, by signers: [NoteSigner]
  ) throws(SignedNoteError) {
    note = try SignedNote(signing: checkpoint.text, by: signers)
    self.checkpoint = checkpoint
  }

  /// Opens a note that claims to be a checkpoint of the log `origin`, signed by `logKey`.
  ///
  /// Signature first: nothing in a text counts before it is known who signed it. The origin is
  /// compared because one key may sign for several logs.
  package init(
    opening bytes: [UInt8], origin: NoteLine, logKey: VerifierKey
  ) throws(SignedCheckpointError) {
    do {
      note = try SignedNote(bytes)
    } catch {
      throw .malformedNote(error)
    }
    do {
      try note.verify(with: [logKey])
    } catch {
      throw .unverified(error)
    }
    do {
      checkpoint = try Checkpoint(text: note.text)
    } catch {
      throw .malformedCheckpoint(error)
    }
    guard checkpoint.origin == origin else {
      throw .wrongOrigin(expected: origin, actual: checkpoint.origin)
    }
  }
}

/// Why bytes are not a log's signed checkpoint.
package enum SignedCheckpointError: Error, Hashable {
  /// The bytes are no signed note.
  case malformedNote(SignedNoteError)
  /// The note is not signed by the log.
  case unverified(NoteVerificationError)
  /// The log signed the text, which is no checkpoint.
  case malformedCheckpoint(CheckpointError)
  /// The checkpoint is of another log with the same key.
  case wrongOrigin(expected: NoteLine, actual: NoteLine)
}
