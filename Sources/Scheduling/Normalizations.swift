import Program

/// Layers that multiply each word by a constant of its own (batch normalizations): their reuse factor limits the
/// multipliers, as hls4ml's does (nnet_batchnorm.h, nnet_batchnorm_stream.h).
extension Planner {
  /// How many cycles the products of a normalization share their multipliers for: of n products at once and reuse factor r
  /// there are ⌈n / r⌉ multipliers, which take ⌈n / multipliers⌉ cycles. 1 for every other instruction, and where the
  /// layer was asked for no reuse factor.
  ///
  /// In io_stream n counts the words of a token, in a loop over positions those of the positions computed at once, else
  /// all words.
  func sharing(_ index: Int) -> Int {
    let instruction = program.instructions[index]
    guard program.isScaling(index), let layer = instruction.layer,
      let reuse = request.layers[program.layers[layer].name]?.reuseFactor, reuse > 1
    else { return 1 }
    let shape = instruction.type.shape
    let products: Int
    if request.ioType == .stream {
      products = shape.last ?? 1
    } else if let loop = loops[index] {
      products = shape.dropFirst(loop.axes).reduce(1, *) * loop.factor
    } else {
      products = instruction.type.count
    }
    let multipliers = (products + reuse - 1) / reuse
    return max(1, (products + multipliers - 1) / max(1, multipliers))
  }
}

extension CostModel {
  /// As `estimate`, of products that share their multipliers for `reuse` cycles.
  func estimate(_ instruction: Instruction, words: Int? = nil, reuse: Int) -> Estimate {
    var result = estimate(instruction, words: words)
    guard reuse > 1, case .elementwise(.multiply) = instruction.operation else { return result }
    let latency: Int
    switch result.timing {
    case .chained(let delay): latency = max(1, Int((delay / clock.period).rounded(.up)))
    case .clocked(let cycles, _): latency = cycles + 1
    case .sequential: return result
    }
    // Registers hold all results; each multiplier's operands are chosen from those it sees in turn.
    let count = instruction.type.count
    let multipliers = (count + reuse - 1) / reuse
    func share(_ amount: Int) -> Int { (amount * multipliers + count - 1) / max(1, count) }
    let widths = instruction.operands.map { program[$0].type.format.width }.reduce(0, +)
    result.resources.dsp = share(result.resources.dsp)
    result.resources.lut = share(result.resources.lut) + multipliers * widths * ((reuse + 2) / 3)
    result.timing = .sequential(cycles: latency + reuse - 1, interval: reuse)
    result.uncertainty = result.uncertainty.widened(to: .uncalibrated)
    return result
  }
}

extension Program {
  /// Whether an instruction multiplies words by constants, in a layer that multiplies by nothing else and chooses nothing: a
  /// normalization.
  public func isScaling(_ index: Int) -> Bool {
    let instruction = instructions[index]
    guard case .elementwise(.multiply) = instruction.operation, let layer = instruction.layer,
      instruction.operands.contains(where: { constant($0) != nil })
    else { return false }
    return instructions.allSatisfy { other in
      guard other.layer == layer else { return true }
      switch other.operation.form {
      case .constant, .wiring(.rearrange), .wordwise(.requantize), .wordwise(.elementwise(.multiply)),
        .wordwise(.elementwise(.add)), .wordwise(.elementwise(.subtract)):
        return true
      case .input, .wordwise, .product, .reduction, .wiring(.window), .scan: return false
      }
    }
  }
}
