import SimulationKit

/// A published workspace: a serving server, Layla who founded it, and those whom she invited.
struct Team {
  let scene: Scene
  let server: ServerHost
  let layla: Analyst
  /// Those who joined, by name.
  private let members: [String: Analyst]

  /// The article that all have, as the command line calls it.
  static let article = "text.txt"
  /// Its text: every word once, but for `again`.
  static let text = """
    The quick brown fox jumps over the lazy dog.
    Here is one word again, and here it is again.
    قال المسؤول إن الرد كان متناسباً.

    """

  /// Forms a team in a scene; its server serves, and every store is in sync.
  init(_ scene: Scene, _ names: [String] = ["omar"], text: String = Team.text) throws {
    self.scene = scene
    server = try scene.server()
    let claim = try server.createWorkspace()
    try server.start()
    layla = try scene.analyst("layla")
    try layla("init", "--analyst", "layla")
    try layla.write(text.utf8, to: Team.article)
    try layla("article", "add", Team.article)
    try layla("publish", claim)
    members = try Self.join(names, layla, scene)
    try layla("sync")
  }

  private static func join(
    _ names: [String], _ founder: Analyst, _ scene: Scene
  ) throws -> [String: Analyst] {
    var members: [String: Analyst] = [:]
    for name in names {
      let analyst = try scene.analyst(name)
      try analyst("join", try code(for: name, by: founder))
      members[name] = analyst
    }
    return members
  }

  /// An invite's code.
  static func code(
    for name: String, by analyst: Analyst, role: String = "annotator"
  ) throws -> String {
    guard let code = try analyst.json("invite", name, "--role", role)["code"]?.text else {
      throw ProcessFailure("invite printed no code")
    }
    return code
  }

  /// A member who joined.
  func member(_ name: String) throws -> Analyst {
    guard let analyst = members[name] else { throw ProcessFailure("\(name) did not join") }
    return analyst
  }

  /// Everybody.
  var all: [Analyst] { [layla] + members.sorted { $0.key < $1.key }.map(\.value) }
}

extension Analyst {
  /// Annotates a quote of the team's article, and returns the annotation's id.
  @discardableResult
  func annotate(_ quote: String, as id: String, label: String = "claim") throws -> String {
    let made = try json(
      "annotate", Team.article, "--quote", quote, "--label", label, "--id", id)
    guard let record = made["id"]?.text else { throw ProcessFailure("annotate printed no id") }
    return record
  }

  /// The ids of all living annotations, as `list` has them.
  func annotationIDs() throws -> [String] {
    try json("list").items.compactMap { $0["id"]?.text }
  }

  /// The replica that this store writes as.
  func replica() throws -> String {
    guard let replica = try json("status")["replica"]?.text else {
      throw ProcessFailure("status has no replica")
    }
    return replica
  }
}
