import AnnotationModel
import ArgumentParser

/// What the device is called that `init` or `join` makes.
struct DeviceNameOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What `device list` calls this device; by default the host's name, which all members see.",
      valueName: "name"))
  var device: String?

  /// The name; empty where none is wanted, nil for the host's.
  func name() throws -> String? {
    guard let device else { return nil }
    return BidiControl.trimmed(device).isEmpty ? "" : try TextField.memberName.accept(device)
  }
}
