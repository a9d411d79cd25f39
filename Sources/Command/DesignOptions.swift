import ArgumentParser
import Diagnostics
import Scheduling
import Triggerfish

/// What to build for and what is decided beforehand: what `compile` and `explore` share.
struct DesignOptions: ParsableArguments {
  @Option(help: "The part number (default: the configuration's, else xcvu13p-flga2577-2-e).")
  var part: String?

  @Option(help: "The clock period, as 5ns or 200MHz (default: the configuration's, else 5ns).")
  var clock: ClockPeriod?

  @Option(
    name: .customLong("io"),
    help: "io_parallel or io_stream (default: the configuration's, else io_parallel).")
  var ioType: IOType?

  @Option(help: "latency or resource, for layers the configuration does not name; in a search, for all.")
  var strategy: Strategy?

  @Option(help: "The reuse factor, for layers the configuration does not name; in a search, for all.")
  var reuseFactor: Int?

  @Option(
    help: """
      How many positions of a convolution or pooling are computed at once, for layers the configuration does \
      not name (default: 1; without effect in io_stream).
      """)
  var parallelizationFactor: Int?

  @Option(help: "A layer whose strategy and reuse factor a search takes from the configuration; repeatable.")
  var keep: [String] = []

  /// The request of a compilation without limits: what the configuration says, these options for the rest.
  func request(_ compilation: Compilation) throws(Failure) -> ScheduleRequest {
    var request = try compilation.scheduleRequest()
    if let part { request.target.part = part }
    if let clock { request.target.clockPeriod = clock.nanoseconds }
    if let ioType { request.ioType = ioType }
    request.defaults.strategy = strategy
    request.defaults.reuseFactor = reuseFactor
    if let parallelizationFactor { request.defaults.parallelizationFactor = parallelizationFactor }
    return request
  }

  /// The request of a search. A configuration names every layer's strategy and reuse factor, which are what is
  /// searched for: only those of `--keep` are kept, and what these options say holds for all others.
  func searchRequest(_ compilation: Compilation) throws(Failure) -> ScheduleRequest {
    var request = try request(compilation)
    let configured = request.layers.filter { $0.value.reuseFactor != nil }
    let unknown = keep.filter { configured[$0] == nil }
    if !unknown.isEmpty {
      throw Failure(
        .usage,
        unknown.map { name in
          let known = nearest(to: name, in: configured.keys)
          return Diagnostic(
            "--keep \(name): no layer of this name has a reuse factor",
            hint: known.map { "did you mean '\($0)'?" }
              ?? "such layers: \(configured.keys.sorted().joined(separator: ", "))")
        })
    }
    for name in compilation.program.layers.map(\.name) where !keep.contains(name) {
      var layer = request.defaults
      layer.parallelizationFactor = request.layers[name]?.parallelizationFactor ?? layer.parallelizationFactor
      request.layers[name] = layer
    }
    return request
  }
}

/// A clock period, written as a period or as a frequency.
struct ClockPeriod: ExpressibleByArgument {
  let nanoseconds: Double

  init?(argument: String) {
    let text = argument.lowercased()
    if text.hasSuffix("mhz"), let frequency = Double(text.dropLast(3)), frequency > 0 {
      nanoseconds = 1000 / frequency
    } else if let period = Double(text.hasSuffix("ns") ? String(text.dropLast(2)) : text), period > 0 {
      nanoseconds = period
    } else {
      return nil
    }
  }
}

extension IOType: ExpressibleByArgument {}
extension Strategy: ExpressibleByArgument {}
