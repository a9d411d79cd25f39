import Diagnostics
import FixedPoint
import Program

/// One C-synthesis result of a dense layer, as wa-hls4ml-search's tables have it.
public struct SynthesizedLayer: Hashable, Sendable {
  /// The figures compared, by the tables' column names; interval last.
  public static let columns = ["LUT", "FF", "DSP", "BRAM_18K", "BestLatency", "IntervalMax"]

  /// The model's name: several rows are of one model.
  public var model: String
  /// The matrix, the bits of its words, and how often each multiplier is used.
  public var inputs, outputs, precision, reuse: Int
  /// The strategy.
  public var strategy: Strategy
  /// The clock period, in ns.
  public var clockPeriod: Double
  /// What the tool reported, in the order of `columns`.
  public var measured: [Int]

  /// Reads the rows of a table whose synthesis succeeded; failed ones carry no figures.
  ///
  /// - Parameter file: the table's name, for errors.
  /// - Throws: `Failure(.badInput)` with every missing column, or every row that cannot be read, by line.
  public static func read(csv: String, file: String) throws(Failure) -> [SynthesizedLayer] {
    // Line breaks are one Character each, "\r\n" too.
    let lines = csv.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    guard let head = lines.first, head != [""] else { throw Failure(.badInput, file: file, "is empty") }
    let places = Dictionary(zip(head.map(String.init), head.indices), uniquingKeysWith: { first, _ in first })
    let needed = ["model_name", "d_in", "d_out", "prec", "rf", "strategy", "hls_synth_success"] + columns
    let missing = needed.filter { places[$0] == nil }
    if !missing.isEmpty {
      throw Failure(.badInput, missing.map { Diagnostic(file: file, place: "1", "has no column '\($0)'") })
    }
    var layers: [SynthesizedLayer] = []
    var problems: [Diagnostic] = []
    for (index, cells) in lines.enumerated().dropFirst() where cells != [""] && !cells.isEmpty {
      func cell(_ column: String) -> String? {
        places[column].flatMap { $0 < cells.count ? String(cells[$0]) : nil }
      }
      func number(_ column: String) -> Int? {
        cell(column).flatMap(Double.init).flatMap { $0.magnitude < 1e12 ? Int($0) : nil }
      }
      guard cell("hls_synth_success")?.lowercased() == "true" else { continue }
      let measured = columns.compactMap(number)
      guard measured.count == columns.count, let model = cell("model_name"), let inputs = number("d_in"),
        let outputs = number("d_out"), let precision = number("prec"), let reuse = number("rf"),
        let strategy = cell("strategy").flatMap({ Strategy(rawValue: $0.lowercased()) }),
        [.latency, .resource].contains(strategy),
        (1...4096).contains(inputs), (1...4096).contains(outputs), (2...32).contains(precision), reuse >= 1
      else {
        problems.append(
          Diagnostic(file: file, place: "\(index + 1)", "is not a result of a dense layer that can be read"))
        continue
      }
      layers.append(
        SynthesizedLayer(
          model: model, inputs: inputs, outputs: outputs, precision: precision, reuse: reuse,
          strategy: strategy, clockPeriod: cell("TargetClockPeriod").flatMap(Double.init) ?? 5,
          measured: measured))
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return layers
  }

  /// Whether the fit left this model out: the CRC-32 of its name tells (scripts/fit-cost-model.py).
  public var isHeldOut: Bool {
    var checksum = UInt32.max
    for byte in model.utf8 {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~checksum % 4 == 0
  }

  /// "latency unrolled", "resource shared"…
  public var layout: String { strategy.rawValue + (reuse == 1 ? " unrolled" : " shared") }

  /// The layer with weights drawn as in scripts/fit-cost-model.py, since the tables do not hold them: uniform as
  /// before training, inputs and accumulator of 16 bits.
  public func program() throws(Failure) -> Program {
    var generator = SplitMix64(seed: UInt64(inputs) << 32 | UInt64(outputs) << 16 | UInt64(precision))
    let limit = (3 / Double(inputs)).squareRoot() * Double(1 << (precision - 1))
    let format = FixedFormat(precision, 1)
    let words = (0..<(inputs * outputs)).map { _ in
      min(max(Raw(((2 * generator.unit() - 1) * limit).rounded(.down)), format.minRaw), format.maxRaw)
    }
    var builder = ProgramBuilder(name: model)
    builder.beginLayer("x", className: "Input")
    let x = builder.input("x", ValueType([inputs], FixedFormat(16, 6)))
    builder.endLayer(x)
    builder.beginLayer("dense", className: "Dense")
    let weights = builder.constant("w", ValueType([inputs, outputs], format), words)
    let bias = builder.constant("b", ValueType([outputs], format), Array(repeating: 0, count: outputs))
    do {
      let sums = try builder.add(
        "sums", .affine(Affine(product: nil, accumulator: FixedFormat(16, 6))), x, weights, bias)
      builder.endLayer(sums)
      builder.output(sums)
    } catch {
      throw Failure(.bug, "\(error)")
    }
    return builder.program
  }

  /// The design this layer was synthesized as.
  ///
  /// - Throws: `Failure(.badInput)` for a reuse factor that is not legal.
  public func design() throws(Failure) -> Design {
    try schedule(
      program(),
      ScheduleRequest(
        target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: clockPeriod, clockUncertainty: 0.125),
        defaults: .init(strategy: strategy, reuseFactor: reuse)))
  }

  /// The cost model's figures for it, in the order of `columns`.
  public func estimate() throws(Failure) -> [Int] {
    let design = try design()
    let amounts = design.resources
    return [amounts.lut, amounts.ff, amounts.dsp, amounts.bram, design.latency, design.interval]
  }
}
