import AnnotationModel
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// Why an edit is refused when it is typed, with the names that people know records by.
struct AuthoringFailures {
  let references: References

  /// The one table of what may be refused when it is typed.
  func failure(_ refusal: AuthoringRefusal) throws -> CommandFailure {
    switch refusal {
    case .unknownRecord(let id):
      return CommandFailure(.noInput, "there is no record …\(hexText(id.bytes.suffix(4)))")
    case .deleted(let id):
      let handle = try name(id)
      return CommandFailure(
        .badData, "\(handle) is deleted", remedy: "bring it back first: hashiya restore \(handle)")
    case .knownAndDeleted(let id):
      let handle = try name(id)
      return CommandFailure(
        .badData, "it is known and was removed: \(handle)",
        remedy: "bring it back: hashiya restore \(handle)")
    case .inConflict(let id, let field):
      return try conflict(id, field, "is in conflict, so it is not edited but resolved")
    case .noSuchField(let id, let field):
      let kind = AnnotationSchema.name(of: id.kind) ?? "record"
      return CommandFailure(.badData, "\(try name(id)) is of kind \(kind), which has no \(field)")
    case .contentMissing(let id):
      return CommandFailure(.badData, "the content of \(try name(id)) is withdrawn")
    case .noSuchVersion(let id, let version):
      return CommandFailure(
        .badData, "\(try name(id)) never had the text \(String(version.hex.prefix(8)))…",
        remedy: "its versions are those that hashiya article show --version takes")
    case .existsDifferently(let id):
      return CommandFailure(
        .badData, "\(try name(id)) exists with other content",
        remedy: "change it with \(try editing(id)), or choose another id")
    case .relatesToItself(let id):
      return CommandFailure(.badData, "\(try name(id)) cannot be related to itself")
    case .articleText(let error): return AnnotationFailures.failure(error, file: "the text")
    case .span(let error): return AnnotationFailures.failure(error)
    case .passageTooLong(let bytes, let bytesMax):
      return CommandFailure(
        .badData, "the passage has \(bytes) bytes, more than the \(bytesMax) that it may have here",
        remedy: "mark a shorter one, or make two annotations")
    case .text(let error): return AnnotationFailures.failure(error)
    case .confidence(let error): return AnnotationFailures.failure(error)
    case .badValue(let id, nil):
      return CommandFailure(
        .badData, "the lifecycle of \(try name(id)) is live or deleted, and nothing else",
        remedy: "write --value live or --value deleted")
    case .badValue(let id, let field?):
      return CommandFailure(.badData, "the value does not fit \(try part(id, field))")
    case .tagBothWays(let tag):
      return CommandFailure(.badData, "the tag \(tag) is to be added and removed at once")
    case .ambiguousLabel(let name, let ids):
      return CommandFailure(
        .badData, "\(name) can mean \(ids.count) labels",
        details: try ids.map(references.summary),
        remedy: "type the handle of the one that you mean, or make them one: \(try merge(ids))")
    case .labelNameTaken(let name, let id, let other):
      return CommandFailure(
        .badData, "another label is called \(name) already, so there would be two of that name",
        details: [try references.summary(other)],
        remedy: "to make them one: \(try merge([other, id]))")
    case .mergedAlready(let id, let other) where id == other:
      return CommandFailure(
        .badData, "\(try name(id)) cannot be merged into itself: both names mean it")
    case .mergedAlready(let id, let other):
      return CommandFailure(
        .badData, "\(try name(id)) is merged into \(try name(other)): they are one label already",
        remedy:
          "for the other way round, take that back first: hashiya label unmerge \(try name(id))")
    case .looksLikeHandle(let name):
      return CommandFailure(
        .noInput, "there is no label \(name), which reads like a handle",
        remedy: "see hashiya label list; for a label of that name: hashiya label add \(name)")
    case .retiredLabel(let name, let ids):
      let handle = try ids.first.map(self.name) ?? ""
      return CommandFailure(
        .badData, "the label \(name) is retired", remedy: "bring it back: hashiya restore \(handle)"
      )
    case .clockNeverShown(let id):
      return CommandFailure(
        .badData, "\(try name(id)) never had the clock given with --against",
        remedy: "give the clock that show, list or conflicts printed")
    case .siblingsChanged(let id, let field):
      return CommandFailure(
        .tryAgain, "other values of \(try part(id, field)) arrived since you looked",
        remedy: "look again with hashiya conflicts, then decide")
    case .notInConflict(let id, nil):
      let isDeleted = try references.reader.state(of: id)?.isDeleted ?? false
      return CommandFailure(
        .badData, "\(try part(id, nil)) is not in conflict",
        remedy: "change it with hashiya \(isDeleted ? "restore" : "delete") \(try name(id))")
    case .notInConflict(let id, let field?):
      return CommandFailure(
        .badData, "\(try part(id, field)) is not in conflict",
        remedy: "change it with \(try editing(id))")
    case .noSuchSibling(let id, let field, let dot):
      return CommandFailure(
        .noInput, "\(try part(id, field)) has no sibling \(try references.reader.dotText(dot))")
    case .refusedByAll(let refusal, let id): return try refusedByAll(refusal, id)
    case .nothingToUndo: return CommandFailure(.badData, "there is nothing of yours to undo")
    case .lastWasAct(let act, let replica, let former):
      return try UndoneActs(references.reader).failure(act, by: replica, formerly: former)
    case .movedOn(let id, nil, let dot):
      return CommandFailure(
        .badData,
        "\(try name(id)) was worked on since \(try references.reader.dotText(dot)), so that is not undone",
        remedy: "see hashiya log \(try name(id))")
    case .movedOn(let id, let field?, let dot):
      return CommandFailure(
        .badData,
        "\(try part(id, field)) changed since \(try references.reader.dotText(dot)), so it is not undone",
        remedy: "see hashiya why \(try name(id))")
    case .notPublished:
      return CommandFailure(
        .noInput, "this workspace is on no server yet", remedy: "publish it: hashiya publish CODE")
    case .notAdmin(let name):
      return CommandFailure(.notPermitted, "\(name) is no admin, and only admins may do this")
    case .act(let refusal): return SyncFailures.failure(refusal)
    case .unknownMember(let name):
      let isInvited = references.reader.isInvited(name)
      return CommandFailure(
        .noInput, "there is no member \(name)" + (isInvited ? " here yet" : ""),
        remedy: isInvited
          ? "an invite for \(name) is out: whoever joined with it is known here after hashiya sync"
          : "see hashiya member list")
    case .ambiguousMember(let name, let members):
      return CommandFailure(
        .badData, "several members are called \(name)", details: members.map { "\($0)" },
        remedy: "type the one that you mean as it stands here")
    case .nameTaken(let name):
      return CommandFailure(
        .badData, "somebody is called \(name) already", remedy: "choose another name")
    case .nameInvited(let name):
      return CommandFailure(
        .badData, "an invite for \(name) is open already",
        remedy: "hand over its code, or end it first: hashiya invite withdraw \(operand: name)")
    case .unknownInvite(let text):
      return CommandFailure(
        .noInput, "there is no invite \(text)", remedy: "see hashiya invite list")
    case .ambiguousInvite(let text, let digits):
      return CommandFailure(
        .badData, "\(text) can mean \(digits.count) invites",
        details: digits.map { "\($0)" }, remedy: "type more of it")
    case .inviteUsed(let invite):
      let access: StyledText? = invite.spentBy.map { replica in
        invite.isDevice
          ? "hashiya device revoke \(String(replica.hex.prefix(8)))"
          : "hashiya member revoke \(operand: references.reader.membership.analyst(of: replica))"
      }
      return CommandFailure(
        .badData,
        "\(invite.endedBy ?? invite.name) has joined with the invite for \(invite.name), "
          + "so it is not withdrawn",
        remedy: access.map { "to take the access away: " + $0 })
    case .unknownReplica(let text):
      return CommandFailure(
        .noInput, "there is no device \(text)", remedy: "see hashiya device list")
    case .ambiguousReplica(let text, let replicas):
      let membership = references.reader.membership
      return CommandFailure(
        .badData, "\(text) can mean \(replicas.count) devices",
        details: replicas.map { "\(membership.deviceText($0))" },
        remedy: "type the digits of the one that you mean")
    }
  }

  /// What no log would take in is refused when it is typed, in the log's words.
  private func refusedByAll(_ refusal: Refusal, _ id: RecordID?) throws -> CommandFailure {
    let code = SyncFailures.code(of: refusal.code)
    switch refusal.code {
    case .notPermitted:
      return CommandFailure(
        code, "\(refusal.detail)",
        remedy: "ask an admin for another role (hashiya member role NAME annotator), "
          + "then type hashiya sync, and this again")
    case .revoked:
      return CommandFailure(
        code, "\(refusal.detail): nothing that is made here reaches the others",
        remedy:
          "reading and export go on; ask an admin for a new invite, and join in another folder"
      )
    case .overLimit:
      guard let id else { return CommandFailure(code, "\(refusal.detail)") }
      return CommandFailure(
        code, "\(try name(id)) cannot take this: \(refusal.detail)",
        remedy: "nothing was changed; see what it holds with hashiya show \(try name(id))")
    default: return SyncFailures.failure(refusal)
    }
  }

  private func conflict(
    _ id: RecordID, _ field: FieldID?, _ what: String
  ) throws -> CommandFailure {
    let handle = try name(id)
    return CommandFailure(
      .badData, "\(try part(id, field)) \(what)",
      remedy: "hashiya resolve \(handle) \(fieldName(id, field)) --take N --reason …")
  }

  /// The command that makes the second label of some one with the first.
  private func merge(_ ids: [RecordID]) throws -> StyledText {
    let handles = try ids.prefix(2).map(name)
    return "hashiya label merge \(handles.reversed().joined(separator: " "))"
  }

  /// The command that changes what a record says.
  private func editing(_ id: RecordID) throws -> StyledText {
    let handle = try name(id)
    return switch id.kind {
    case .article: "hashiya article edit \(handle)"
    case .label: "hashiya label rename \(handle) NAME"
    default: "hashiya edit \(handle)"
    }
  }

  private func name(_ id: RecordID) throws -> String { try references.reader.handle(of: id) }

  private func part(_ id: RecordID, _ field: FieldID?) throws -> String {
    "the \(fieldName(id, field)) of \(try name(id))"
  }

  private func fieldName(_ id: RecordID, _ field: FieldID?) -> String {
    guard let field else { return AnnotationSchema.lifecycleName }
    return AnnotationSchema.name(of: field, in: id.kind) ?? "field \(field.rawValue)"
  }
}

extension Workspace {
  /// Makes edits in one transaction; what is refused is told with the names of the store as it is.
  func author<Value>(_ body: (inout WorkspaceEditor) throws -> Value) throws -> Value {
    try edit { try $0.explaining(body) }
  }

  /// Tries edits out, refused in the same words, and makes none of them.
  func tryOut<Value>(_ body: (inout WorkspaceEditor) throws -> Value) throws -> Value {
    try rehearse { try $0.explaining(body) }
  }

  /// Does something with the store that is no edit; what is refused is told in the same words.
  func explained<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let refusal as AuthoringRefusal {
      return try query { _ in throw refusal }
    }
  }

  /// Reads one snapshot; what cannot be asked is told in the same words.
  func query<Value>(_ body: (WorkspaceReader) throws -> Value) throws -> Value {
    try read { reader in
      do {
        return try body(reader)
      } catch let refusal as AuthoringRefusal {
        throw try AuthoringFailures(references: References(reader: reader)).failure(refusal)
      }
    }
  }
}

extension WorkspaceEditor {
  fileprivate mutating func explaining<Value>(
    _ body: (inout WorkspaceEditor) throws -> Value
  ) throws -> Value {
    do {
      return try body(&self)
    } catch let refusal as AuthoringRefusal {
      throw try AuthoringFailures(references: References(reader: reader)).failure(refusal)
    }
  }
}
