import ArgumentParser
import Diagnostics
import Scheduling
import Triggerfish

/// What to build for and what is decided beforehand: what `compile` and `explore` share.
struct DesignOptions: ParsableArguments {
  @Option(help: "The part number (default: the configuration's, else xcvu13p-flga2577-2-e).")
  var part: PartNumber?

  @Option(
    help: "The clock period, as 5ns or 200MHz (default: the configuration's, else 5ns).",
    transform: ClockPeriod.init(parsing:))
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
      not name (default: 1; io_parallel only).
      """)
  var parallelizationFactor: Int?

  @Option(help: "A layer whose strategy and reuse factor a search takes from the configuration; repeatable.")
  var keep: [String] = []

  /// The request of a compilation without limits: what the configuration says, these options for the rest.
  ///
  /// - Throws: `usage` for an option that changes nothing.
  func request(_ compilation: Compilation) throws(Failure) -> ScheduleRequest {
    let request = try sharedRequest(compilation)
    let given = [("--strategy", strategy != nil), ("--reuse-factor", reuseFactor != nil)].filter(\.1).map(\.0)
    let isHLS4ML = compilation.numerics == .hls4ml
    if (isHLS4ML || compilation.configuration != nil) && !given.isEmpty {
      // As in hls4ml, the order of sums follows them, so that they are decided before the program is made.
      throw Failure(
        .usage,
        "\(given.joined(separator: ", ")): no effect \(isHLS4ML ? "under the hls4ml numerics" : "beside a configuration")"
          + ", where the configuration decides it for every layer",
        hint: "set Strategy and ReuseFactor in the configuration, or let --budget choose")
    }
    return request
  }

  private func sharedRequest(_ compilation: Compilation) throws(Failure) -> ScheduleRequest {
    var request = try compilation.scheduleRequest()
    if let part { request.target.part = part.text }
    if let clock { request.target.clockPeriod = clock.nanoseconds }
    if let ioType { request.ioType = ioType }
    request.defaults.strategy = strategy
    request.defaults.reuseFactor = reuseFactor
    if let parallelizationFactor {
      guard request.ioType == .parallel else {
        throw Failure(
          .usage, "--parallelization-factor: no effect in io_stream, which computes one position at a time",
          hint: "leave it out, or add --io io_parallel")
      }
      request.defaults.parallelizationFactor = parallelizationFactor
    }
    return request
  }

  /// The request of a search. A configuration names every layer's strategy and reuse factor, which are what is
  /// searched for: only those of `--keep` are kept, and what these options say holds for all others.
  func searchRequest(_ compilation: Compilation) throws(Failure) -> ScheduleRequest {
    var request = try sharedRequest(compilation)
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

/// A part number: the characters of one, whether or not the part is known.
struct PartNumber: ExpressibleByArgument {
  let text: String

  init?(argument: String) {
    guard Part.isNumber(argument) else { return nil }
    text = argument
  }
}

/// A clock period, written as a period or as a frequency, always with its unit.
struct ClockPeriod {
  let nanoseconds: Double

  init(parsing argument: String) throws {
    let text = argument.lowercased()
    func amount(_ unit: String) -> Double? {
      guard text.hasSuffix(unit), let value = Double(text.dropLast(unit.count)), value > 0, value.isFinite
      else {
        return nil
      }
      return value
    }
    if let frequency = amount("mhz") {
      nanoseconds = 1000 / frequency
    } else if let period = amount("ns") {
      nanoseconds = period
    } else {
      throw ValidationError("--clock \(argument): a clock is written with its unit, as 5ns or 200MHz.")
    }
  }
}

extension IOType: ExpressibleByArgument {}
extension Strategy: ExpressibleByArgument {}
