import Auditor
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// Everything that must hold in a store, checked from the file up.
struct StoreExamination {
  /// What one check came to.
  struct Finding {
    /// What was checked.
    var check: String
    /// What is wrong; nil when all is well.
    var problem: String?
    /// What to know although nothing is wrong with the store.
    var notice: String?
    /// Whether a repair of the file can help.
    var isOfFile = true

    /// For people: good or bad, what, and why.
    var lines: [StyledText] {
      let mark =
        if problem != nil {
          StyledText(verbatim: "BAD  ", .bad)
        } else if notice != nil {
          StyledText(verbatim: "NOTE ", .warning)
        } else {
          StyledText(verbatim: "ok   ", .good)
        }
      return [mark + "\(check)"] + [problem, notice].compactMap { $0 }.map { "     \($0)" }
    }
  }

  private let workspace: Workspace

  private let pins: AuditPins

  init(_ workspace: Workspace, against pins: AuditPins) {
    self.workspace = workspace
    self.pins = pins
  }

  /// Makes all checks; linear in the store's size.
  func findings(_ progress: (Int, Int?) -> Void) throws -> ([Finding], AuditResult) {
    var findings = try workspace.examine().map {
      Finding(check: $0.check, problem: $0.problem, notice: $0.notice, isOfFile: $0.isOfFile)
    }
    findings += [try finding("the log has all of its leaves", log), try identity()]
    do {
      findings.append(try names())
    } catch StoreFailure.corrupt {
      // What is wrong has been found above.
    }
    let audit = try LogAuditor(source: workspace.logDatabase, pins: pins).audit { done, total in
      progress(Int(clamping: done), Int(clamping: total))
    }
    findings.append(
      Finding(
        check: "the log re-executes: every certificate, decision, digest, root, table and column",
        problem: audit.verified ? nil : audit.reason ?? "it differs"))
    return (findings, audit)
  }

  /// What a check finds; that it cannot read the store is what it finds.
  private func finding(
    _ check: String, _ body: () throws -> String?
  ) throws -> Finding {
    do {
      return Finding(check: check, problem: try body())
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      return Finding(check: check, problem: what)
    }
  }

  private func log() throws -> String? {
    let (stored, stated) = try workspace.query { reader in
      (try reader.log.storedLeafCount(), reader.log.treeSize)
    }
    return stored == stated ? nil : "it states \(stated) leaves and holds \(stored)"
  }

  /// Nothing is wrong with a store whose members share a name, but people may take one for another.
  private func names() throws -> Finding {
    let namesakes = try workspace.query { $0.namesakes() }
    let notices = namesakes.map { "\($0.members.count) members are called \($0.name)" }
    return Finding(
      check: "every member has a name of their own",
      notice: notices.isEmpty
        ? nil : notices.joined(separator: "; ") + ": see hashiya member list")
  }

  private func identity() throws -> Finding {
    let check = "this replica may write"
    do {
      let isRevoked = try workspace.query { try $0.isRevoked() }
      return Finding(
        check: check,
        notice: isRevoked
          ? "it was revoked: nothing more is taken from it, and nothing more is made here" : nil)
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      return Finding(check: check, problem: what)
    }
  }
}
