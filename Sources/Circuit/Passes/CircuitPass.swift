import AdderGraph
import Diagnostics
import FixedPoint
import Program

/// What circuits are made for.
public struct CircuitOptions: Hashable, Sendable {
  /// How many operands an adder has: three where the family's cells add three in one row.
  public var adder = AdderGraph.Options.Adder.ternary
  /// Whether cells choose a multiple of a word by a digit and add it in one row: tables of six inputs, each before its place of
  /// a carry chain (`DigitTerm`).
  public var digits = true
  /// How deep shared adders may be, in rows.
  public var depth = AdderGraph.Options.Depth.least(plus: 1)
  /// How long the search for shared adders takes, 100 the usual time (`AdderGraph.Options.effort`).
  public var effort = 100
  /// Where registers are put.
  public var staging = Staging.period(5000)
  /// The part of the clock that `staging`'s period is; the rest is uncertainty. For messages.
  public var clockShare = 1.0
  /// How long logic takes.
  public var delays = DelayModel.ultraScalePlus
  /// What products of two words and tables are built of.
  public var blocks = BlockOptions()
  /// See `Expand.keepsResults`.
  public var keepsResults = false
  /// See `Expand.limit`.
  public var limit = Expand().limit
  /// See `Expand.tables`.
  public var tables: Int?

  /// Picoseconds of the period that are kept for what stands behind the outputs.
  var margin = 0
  /// Whether the inputs' words stand until the outputs are there: registers of them cost nothing.
  var inputsStand = false

  /// The defaults.
  public init() {}
}

/// A rewriting of circuits that changes no word of any output, nor of a layer's result.
///
/// Each is a file of its own, named as the pass is. Their list is `all`.
public struct CircuitPass: Sendable {
  /// What it is called where passes are shown.
  public let name: String
  /// What it does, in a sentence without a full stop.
  public let summary: String
  /// Rewrites a circuit that passes `verify()`, to one that does.
  public let run: @Sendable (Circuit, CircuitOptions) throws(Failure) -> Circuit

  /// The passes in the order they are run after `Expand`. `narrow` tells `share` and `blocks` which bits are read, and then trims
  /// what they made.
  public static let all: [CircuitPass] = [.narrow, .share, .blocks, .narrow, .fuse, .stage]
}

extension Circuit {
  /// A program in hardware: unrolled, then after all passes; but one step of each scan is built, which all steps share
  /// (docs/circuit.md, Loops). Without registers, in a given number of cycles, and for one step alone scans are unrolled, too.
  ///
  /// - Precondition: the program passes `Program.verify()`.
  /// - Throws: `badInput` where it is too large, naming the layer; `usage` where the period cannot be met.
  public init(_ program: Program, _ options: CircuitOptions = CircuitOptions()) throws(Failure) {
    if let looped = program.looped(options) {
      self = try Assembly(looped, options).circuit
    } else {
      try self.init(pipeline: program, options)
    }
    let errors = verify(inGates: true)
    if !errors.isEmpty {
      throw Failure(.bug, errors.prefix(10).map { Diagnostic("circuit of \(name): \($0)") })
    }
  }

  /// A program in hardware as one pipeline, scans unrolled.
  init(pipeline program: Program, _ options: CircuitOptions) throws(Failure) {
    var expand = Expand()
    (expand.limit, expand.tables) = (options.limit, options.tables)
    expand.keepsResults = options.keepsResults
    self = try expand(program)
    for pass in CircuitPass.all {
      self = try pass.run(self, options)
      #if DEBUG
        let errors = verify()
        precondition(errors.isEmpty, "\(pass.name): \(errors[0])")
      #endif
    }
  }
}

extension Program {
  /// This program with the scans that a circuit has as loops, the others unrolled; nil where there are none.
  fileprivate func looped(_ options: CircuitOptions) -> Program? {
    guard case .period = options.staging else { return nil }
    let kept = instructions.indices.filter { index in
      guard case .scan = instructions[index].operation else { return false }
      return self[instructions[index].operands[0]].type.shape[0] > 1
    }
    return kept.isEmpty ? nil : unrolled(keeping: Set(kept.map { ValueID($0) })).program
  }
}
