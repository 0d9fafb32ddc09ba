package import AnnotationModel
package import MergeCore
package import SyncProtocol

/// Why something is refused when it is typed; the store is unchanged.
///
/// The merge enforces none of it: what others make of the same rules is theirs.
package enum AuthoringRefusal: Error, Sendable {
  // What is not there, or not so.

  /// Nobody made this record, as far as this store knows.
  case unknownRecord(RecordID)
  /// The record is deleted; `restore` comes first.
  case deleted(RecordID)
  /// The field holds differing siblings, nil being the lifecycle; `resolve` comes first (ruling 4).
  case inConflict(RecordID, FieldID?)
  /// Records of this kind have no such field.
  case noSuchField(RecordID, name: String)
  /// The bytes are not in this store: withdrawn.
  case contentMissing(RecordID)

  /// The article never had a text of these bytes.
  case noSuchVersion(RecordID, TextVersion)

  // Making what exists.

  /// The id stands for something else already.
  case existsDifferently(RecordID)
  /// The same article or label exists and is deleted; `restore` brings it back (ruling 27).
  case knownAndDeleted(RecordID)
  /// A relation needs two ends.
  case relatesToItself(RecordID)

  // Values.

  case articleText(ArticleTextError)
  case span(SpanError)
  /// The passage with its context has more bytes than one value may; `bytesMax` are those that its
  /// words may have.
  case passageTooLong(bytes: Int, bytesMax: Int)
  case text(TextFieldError)
  case confidence(ConfidenceError)
  /// The value does not fit the field, nil being the lifecycle.
  case badValue(RecordID, FieldID?)
  /// One tag is to be added and removed at once.
  case tagBothWays(String)
  /// Several labels have the name.
  case ambiguousLabel(String, [RecordID])
  /// The label is to get the name that another one has.
  case labelNameTaken(String, of: RecordID, by: RecordID)
  /// The label is to be merged into one that is merged into it, or into itself.
  case mergedAlready(RecordID, into: RecordID)
  /// No label has this handle, and a label of that name is made only on purpose.
  case looksLikeHandle(String)
  /// Only deleted labels have the name; `restore` brings one back.
  case retiredLabel(String, [RecordID])

  // Clocks and conflicts.

  /// The clock was never this record's, as far as this store knows.
  case clockNeverShown(RecordID)
  /// Siblings came that the clock does not cover: look again.
  case siblingsChanged(RecordID, FieldID?)
  /// There is nothing to resolve.
  case notInConflict(RecordID, FieldID?)
  /// No sibling has this dot.
  case noSuchSibling(RecordID, FieldID?, Dot)

  /// Everybody would refuse the change, for the reason that the log would give: the member's role does
  /// not allow it, or the record cannot take it. The record is nil where it has no part in it.
  case refusedByAll(Refusal, RecordID?)

  // Undoing.

  /// This store has made no change that is not undone.
  case nothingToUndo
  /// What the analyst did last is a membership act of that replica, which is not undone; of a member's
  /// renaming or change of role, with the name and the role before.
  case lastWasAct(WireAct, by: ReplicaID, formerly: FormerStanding?)
  /// The field, nil being the lifecycle, is not as that change left it.
  case movedOn(RecordID, FieldID?, since: Dot)

  // Members.

  /// The workspace has no server yet.
  case notPublished
  /// Only an admin may do this; the name is the analyst's.
  case notAdmin(String)
  /// The membership act may not be made, for the reason that the log would give.
  case act(Refusal)
  case unknownMember(String)
  /// Several living members are called so; their distinct names.
  case ambiguousMember(String, [String])
  case nameTaken(String)
  /// An invite for a person of this name still admits somebody.
  case nameInvited(String)
  case unknownInvite(String)
  /// The digits begin the keys of several invites.
  case ambiguousInvite(String, [String])
  /// Somebody has joined with the invite, so it is not withdrawn any more.
  case inviteUsed(InviteView)
  case unknownReplica(String)
  case ambiguousReplica(String, [ReplicaID])
}
