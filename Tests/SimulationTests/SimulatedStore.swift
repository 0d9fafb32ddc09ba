import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import WorkspaceStore

/// One store of a simulation with the machine that it is on.
final class SimulatedStore {
  let name: String
  let path: String
  let machine: Machine
  /// The machine's clock; nil where nobody sets it.
  var clock: SimulatedClock?
  private(set) var workspace: Workspace
  /// Clocks of records as they were shown at some time: what older forms are saved against.
  var shownClocks: [(record: RecordID, clock: VectorClock)] = []

  /// Opens the store at `path`, or the one that `make` makes.
  init(
    _ name: String, path: String, machine: Machine,
    make: ((String, Machine) throws -> Workspace)? = nil
  )
    throws
  {
    self.name = name
    self.path = path
    self.machine = machine
    workspace = try make?(path, machine) ?? Workspace(opening: path, machine: machine)
  }

  /// Ends the process, lets `body` do something to the files, and starts another process.
  func reopen(after body: () throws -> Void = {}) throws {
    try workspace.close()
    try body()
    workspace = try Workspace(opening: path, machine: machine)
  }
}
