/// A page in Prometheus' text format, version 0.0.4.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
struct MetricsText {
  enum Kind: String { case counter, gauge, histogram }

  /// A value, and what it is counted by.
  struct Sample {
    var labels: [(name: String, value: String)]
    var value: String

    init(_ value: Int, _ labels: (name: String, value: String)...) {
      self.init("\(value)", labels)
    }

    init(_ value: Double, _ labels: (name: String, value: String)...) {
      self.init("\(value)", labels)
    }

    private init(_ value: String, _ labels: [(name: String, value: String)]) {
      self.labels = labels
      self.value = value
    }
  }

  private(set) var text = ""

  /// Adds a metric with all its samples; none where there is nothing to say.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    head(name, kind, help)
    for sample in samples { line(name, sample) }
  }

  /// Adds a metric that is one number.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    add(name, kind, help, [Sample(value)])
  }

  /// Adds a histogram of seconds.
  mutating func add(_ name: String, _ help: String, _ durations: DurationCounts) {
    head(name, .histogram, help)
    var sum = 0
    for (bound, count) in zip(DurationCounts.bounds, durations.counts) {
      sum += count
      line(name + "_bucket", Sample(sum, ("le", "\(bound)")))
    }
    line(name + "_bucket", Sample(durations.count, ("le", "+Inf")))
    line(name + "_sum", Sample(durations.sum))
    line(name + "_count", Sample(durations.count))
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ sample: Sample) {
    let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
    text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
    text += " \(sample.value)\n"
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.append(character)
      }
    }
  }
}
