import AdderGraph
import FixedPoint
import Program

/// A program with a hardware plan: all that is decided before a backend prints it. `verify()` lists what holds of it.
public struct Design: Sendable {
  /// The arithmetic.
  public var program: Program
  /// What it is built for.
  public var target: Target
  /// How tensors move between layers.
  public var ioType: IOType
  /// The plan of each instruction, by instruction index.
  public var steps: [Step]
  /// Cycles from the first input word to the last output word.
  public var latency: Int
  /// Cycles between two events.
  public var interval: Int
  /// Estimated resources of the whole.
  public var resources: Resources
  /// Why the vendor's tool may fail to build it, for people.
  public var warnings: [String]

  /// Whether layers run one after the other, each on hardware of its own, instead of as one pipeline: in io_stream, and
  /// where a layer computes position by position or uses its multipliers several times.
  public var isDataflow: Bool
  /// What is built as one, in the program's order: the functions of an io_parallel design, the processes of an io_stream one
  /// that compute something.
  public var regions: [Region]
  /// What the products of each instruction that multiplies by weights are computed on, by instruction index.
  public var multipliers: [Int: Multipliers]
  /// The loops over the steps of the program's scans, by instruction index.
  public var stepLoops: [Int: StepLoop]
  /// For io_stream: the processes and the FIFOs between them.
  public var dataflow: Dataflow?

  /// What is computed position by position, in io_parallel.
  public var loops: [PositionLoop] { regions.flatMap(\.loops) }

  /// How far the estimates of the whole may be off.
  public var uncertainty: Uncertainty { .combined(steps.map(\.estimate)) }

  /// Makes a design: regions, multipliers and network follow from the choices of the steps.
  ///
  /// - Parameters:
  ///   - adders: of instructions in distributed arithmetic, by index, a graph for each group of the matrix.
  ///   - stepLoops: of each scan, by index.
  public init(
    program: Program, target: Target, ioType: IOType, steps: [Step], latency: Int, interval: Int,
    resources: Resources, warnings: [String] = [], adders: [Int: [AdderGraph]] = [:],
    stepLoops: [Int: StepLoop] = [:]
  ) {
    self.program = program
    self.target = target
    self.ioType = ioType
    self.steps = steps
    self.latency = latency
    self.interval = interval
    self.resources = resources
    self.warnings = warnings
    self.stepLoops = stepLoops
    let isStream = ioType == .stream
    if isStream {
      let hasURAM = (target.choice.part?.available.uram ?? 0) > 0
      dataflow = Dataflow(program, steps: steps, stepLoops: stepLoops, hasURAM: hasURAM)
    }
    let loops = isStream ? [] : program.positionLoops { steps[$0].choice.parallelizationFactor }
    isDataflow =
      isStream || !loops.isEmpty || program.hasScans
      || steps.contains { $0.choice.strategy == .resource && $0.choice.reuseFactor > 1 }
    multipliers = Self.multipliers(program, steps, loops: loops, dataflow: dataflow, adders: adders)
    regions =
      dataflow?.regions
      ?? Self.regions(program, steps, loops: loops, multipliers: multipliers, isDataflow: isDataflow)
  }
}

/// What a design is built for.
public struct Target: Hashable, Sendable {
  /// The part, and what is known of it.
  public var choice: PartChoice
  /// The full part number, as Vivado names it.
  public var part: String { choice.number }
  /// The clock period, in ns.
  public var clockPeriod: Double
  /// The share of the period kept back for routing and jitter, 0..<1.
  public var clockUncertainty: Double
  /// What multipliers are built of.
  public var multipliers: MultiplierBinding
  /// What tables are built of, where that is the compiler's to say: in Verilog.
  public var tables: TableBinding
  /// How long shared adders are searched for (docs/distributed-arithmetic.md).
  public var effort = AdderEffort.standard

  /// Makes a target.
  ///
  /// - Parameter part: a part number; see `PartCatalogue.choice`.
  public init(
    part: String, clockPeriod: Double, clockUncertainty: Double, multipliers: MultiplierBinding = .automatic,
    tables: TableBinding = .automatic, among catalogue: PartCatalogue = .standard
  ) {
    choice = catalogue.choice(part)
    self.clockPeriod = clockPeriod
    self.clockUncertainty = clockUncertainty
    self.multipliers = multipliers
    self.tables = tables
  }
}

/// What lookup tables of values are built of.
public enum TableBinding: String, Hashable, Sendable, CaseIterable, Codable {
  /// By size: large ones of block RAM.
  case automatic = "auto"
  /// All but those of a LUT per bit of block RAM.
  case block
  /// All of LUTs.
  case fabric
}

/// What multipliers are built of: Vitis HLS's `config_op mul -impl`.
public enum MultiplierBinding: String, Hashable, Sendable, CaseIterable, Codable {
  /// The tool chooses: narrow ones of LUTs.
  case automatic = "auto"
  /// All of DSP slices.
  case dsp
  /// All of LUTs.
  case fabric
}

/// Amounts of the resources of an FPGA.
public struct Resources: Hashable, Sendable {
  /// DSP48 slices.
  public var dsp: Int
  /// Look-up tables.
  public var lut: Int
  /// Flip-flops.
  public var ff: Int
  /// Block RAMs of 18 kbit.
  public var bram: Int
  /// UltraRAMs.
  public var uram: Int

  /// Makes an amount.
  public init(dsp: Int = 0, lut: Int = 0, ff: Int = 0, bram: Int = 0, uram: Int = 0) {
    self.dsp = dsp
    self.lut = lut
    self.ff = ff
    self.bram = bram
    self.uram = uram
  }

  /// The sum of two amounts.
  public static func + (a: Resources, b: Resources) -> Resources {
    Resources(
      dsp: a.dsp + b.dsp, lut: a.lut + b.lut, ff: a.ff + b.ff, bram: a.bram + b.bram, uram: a.uram + b.uram)
  }
}

extension Resources {
  /// What `needed` has more of, for people; nil: nothing.
  func excess(_ needed: Resources) -> String? {
    let names: [(KeyPath<Resources, Int>, String)] = [
      (\.dsp, "DSP"), (\.lut, "LUT"), (\.ff, "FF"), (\.bram, "BRAM18"), (\.uram, "URAM"),
    ]
    let parts = names.compactMap { path, name in
      needed[keyPath: path] > self[keyPath: path]
        ? "about \(needed[keyPath: path]) \(name), there are \(self[keyPath: path])" : nil
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// So many copies of it.
  func times(_ count: Int) -> Resources {
    Resources(dsp: dsp * count, lut: lut * count, ff: ff * count, bram: bram * count, uram: uram * count)
  }
}

/// What the user asked of the schedule, before anything is computed.
public struct ScheduleRequest: Hashable, Sendable {
  /// What is asked of one layer; nil leaves the default.
  public struct Layer: Hashable, Sendable {
    /// The strategy.
    public var strategy: Strategy?
    /// The reuse factor.
    public var reuseFactor: Int?
    /// How many positions of a convolution are computed at once.
    public var parallelizationFactor: Int?
    /// Whether the steps of a scan have one hardware; not: each has its own, one behind the other.
    public var isStatic: Bool?

    /// Makes a layer's request.
    public init(
      strategy: Strategy? = nil, reuseFactor: Int? = nil, parallelizationFactor: Int? = nil,
      isStatic: Bool? = nil
    ) {
      self.strategy = strategy
      self.reuseFactor = reuseFactor
      self.parallelizationFactor = parallelizationFactor
      self.isStatic = isStatic
    }
  }

  /// What to build for.
  public var target: Target
  /// How tensors move.
  public var ioType: IOType
  /// For layers of which nothing else is asked.
  public var defaults: Layer
  /// By layer name.
  public var layers: [String: Layer]

  /// Makes a request.
  public init(
    target: Target, ioType: IOType = .parallel, defaults: Layer = Layer(), layers: [String: Layer] = [:]
  ) {
    self.target = target
    self.ioType = ioType
    self.defaults = defaults
    self.layers = layers
  }
}
