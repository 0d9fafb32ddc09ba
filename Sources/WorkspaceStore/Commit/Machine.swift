/// What the store takes from the machine it runs on: injected, so that tests decide.
package struct Machine: Sendable {
  /// Wall time, milliseconds since 1970: claimed in changes, decides nothing but what is shown.
  package var now: @Sendable () -> Int64
  /// So many unpredictable bytes.
  package var randomBytes: @Sendable (Int) -> [UInt8]
  /// Where one small file a replica is kept, outside every store
  /// (`$XDG_STATE_HOME/hashiya`; DESIGN.md §3, "Doubtful identity").
  package var stateDirectory: String
  /// What the machine is called: its replicas' name in `device list` unless their owner gives
  /// another; may be empty.
  package var deviceName: String

  package init(
    now: @escaping @Sendable () -> Int64, randomBytes: @escaping @Sendable (Int) -> [UInt8],
    stateDirectory: String, deviceName: String = ""
  ) {
    self.now = now
    self.randomBytes = randomBytes
    self.stateDirectory = stateDirectory
    self.deviceName = deviceName
  }
}
