import ArgumentParser
import Program
import Reports
import Scheduling
import Triggerfish

/// What to build for and what is decided beforehand: what `compile` and `explore` share.
struct DesignOptions: ParsableArguments {
  @Option(
    help: """
      The part number (default: the configuration's, else xcvu13p-flga2577-2-e); 'triggerfish parts' lists those whose \
      sizes are known.
      """)
  var part: PartNumber?

  @Option(
    help: "A file of your own parts (docs/parts.md).", completion: .file(extensions: ["yml", "yaml", "json"]))
  var parts: String?

  @Option(
    help: "The clock period, as 5ns or 200MHz (default: the configuration's, else 5ns).",
    transform: { text in
      guard let clock = ClockPeriod(text) else { throw ValidationError(ClockPeriod.refusal(text)) }
      return clock
    })
  var clock: ClockPeriod?

  @Option(
    name: .customLong("io"),
    help: "io_parallel or io_stream (default: the configuration's, else io_parallel).")
  var ioType: IOType?

  @Option(
    help:
      "latency, resource or distributed_arithmetic, for layers the configuration does not name; in a search, for all."
  )
  var strategy: Strategy?

  @Option(help: "The reuse factor, for layers the configuration does not name; in a search, for all.")
  var reuseFactor: Int?

  @Option(
    help: """
      How many positions of a convolution or pooling are computed at once, for layers the configuration does \
      not name (default: 1; io_parallel only).
      """)
  var parallelizationFactor: Int?

  @Option(
    name: .customLong("mul-impl"),
    help: """
      What multipliers are built of, as Vitis HLS's 'config_op mul -impl', which the project then says: dsp, fabric (LUTs), \
      or auto, which leaves it to the tool.
      """)
  var multipliers: MultiplierBinding?

  @Option(
    name: .customLong("table-impl"),
    help: """
      What lookup tables of values are built of in Verilog: block (block RAMs), fabric (LUTs), or auto, by size (HLS tools \
      choose themselves).
      """)
  var tables: TableBinding?

  @Option(
    help: """
      How long shared adders of distributed arithmetic are searched for: less (a tenth), default, or more (five times); each gives \
      the same design every time.
      """)
  var effort: AdderEffort?

  @Option(help: "A layer whose strategy and reuse factor a search takes from the configuration; repeatable.")
  var keep: [String] = []

  /// What these options choose, within limits.
  func choices(_ limits: Budget) -> DesignChoices {
    var choices = DesignChoices()
    choices.part = part?.text
    choices.parts = parts
    choices.clockPeriod = clock?.nanoseconds
    choices.ioType = ioType
    choices.multipliers = multipliers
    choices.tables = tables
    choices.strategy = strategy
    choices.reuseFactor = reuseFactor
    choices.parallelizationFactor = parallelizationFactor
    choices.effort = effort
    choices.keep = keep
    choices.limits = limits
    return choices
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

extension IOType: ExpressibleByArgument {}
extension Strategy: ExpressibleByArgument {
  /// A strategy that is built.
  public init?(argument: String) {
    guard let strategy = Strategy(rawValue: argument), Strategy.built.contains(strategy) else { return nil }
    self = strategy
  }

  /// Those that are built.
  public static var allValueStrings: [String] { built.map(\.rawValue) }
}
extension MultiplierBinding: ExpressibleByArgument {}
extension TableBinding: ExpressibleByArgument {}
extension AdderEffort: ExpressibleByArgument {}
