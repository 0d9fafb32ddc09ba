import SimulationKit

/// Copies of stores as backups, laptops and people make them.
extension Analyst {
  /// The same store on another machine, which has never run it.
  func copied(to name: String) throws -> Analyst {
    let copy = try scene.analyst(self.name, on: scene.machine(name))
    try copyStore(to: copy)
    return copy
  }

  /// Takes a backup of the store, which `bringBack` restores in place.
  func backUp(as name: String = "backup") throws {
    try scene.copy(store, to: scene.folder + "/backups/" + name)
  }

  /// Brings a backup back over the store.
  func bringBack(_ name: String = "backup") throws {
    try scene.copy(scene.folder + "/backups/" + name, to: store)
  }

  /// Takes a backup of what the machine keeps outside stores.
  func backUpMachine() throws {
    try scene.copy(machine.stateFolder, to: scene.folder + "/backups/state-" + machine.name)
  }

  /// Brings it back.
  func bringBackMachine() throws {
    try scene.copy(scene.folder + "/backups/state-" + machine.name, to: machine.stateFolder)
  }

  /// How many replicas the log has enrolled under the analyst's name.
  func enrolments() throws -> Int {
    try json("audit", "list").items
      .filter {
        $0["analyst"]?.text == name && ["enrol", "genesis"].contains($0["type"]?.text ?? "")
      }.count
  }
}
