import AdderGraph
import Program

/// What the products of an instruction are computed on.
public enum Multipliers: Hashable, Sendable {
  /// A multiplier for every product.
  case each
  /// No more than `count`, which the vendor's tool deals out within the pipeline they are in.
  case shared(count: Int)
  /// An array of multipliers, used step after step; the weights lie in memories of a row per step.
  case array(MultiplierArray)
  /// No multipliers: adders that results share, a graph for each group of the matrix (distributed arithmetic).
  case adders([AdderGraph])

  /// The array, if it is one.
  public var array: MultiplierArray? {
    if case .array(let array) = self { array } else { nil }
  }

  /// The most multipliers there are, where they are dealt out.
  public var limit: Int? {
    if case .shared(let count) = self { count } else { nil }
  }
}

/// How the resource strategy lays the products of a matrix on an array of multipliers.
public struct MultiplierArray: Hashable, Sendable {
  /// What a step multiplies.
  public enum Kind: Hashable, Sendable {
    /// `count` inputs by all outputs; inputs in order (stride 1), or every `stride`-th.
    case inputsPerStep(count: Int, stride: Int)
    /// One input by every `columns`-th output.
    case columnsPerMultiplier(Int)
  }

  /// What a step multiplies.
  public let kind: Kind
  /// How many steps there are: the reuse factor.
  public let steps: Int
  /// The matrix's size.
  public let inputs, outputs: Int

  /// The array that adds in the order asked for, if there is one.
  ///
  /// - Parameters:
  ///   - stride: the order of the sums (`AccumulationOrder.stride`).
  ///   - isOrderFree: whether the order of the sums shows nowhere.
  public init?(reuse: Int, inputs: Int, outputs: Int, stride: Int, isOrderFree: Bool) {
    (steps, self.inputs, self.outputs) = (reuse, inputs, outputs)
    if reuse <= inputs {
      let isStrided = stride == reuse && stride > 1
      guard isStrided || stride == 1 || isOrderFree else { return nil }
      kind = .inputsPerStep(count: (inputs + reuse - 1) / reuse, stride: isStrided ? reuse : 1)
    } else {
      guard reuse % inputs == 0, outputs % (reuse / inputs) == 0, stride == 1 || isOrderFree else {
        return nil
      }
      kind = .columnsPerMultiplier(reuse / inputs)
    }
  }

  /// How many multipliers it has.
  public var count: Int {
    switch kind {
    case .inputsPerStep(let count, _): count * outputs
    case .columnsPerMultiplier(let columns): outputs / columns
    }
  }

  /// The weights, [inputs, outputs] row major, in the order of the steps; zero where a step has nothing to do.
  public func arrange<Word: ExpressibleByIntegerLiteral>(_ weights: [Word]) -> [Word] {
    switch kind {
    case .inputsPerStep(let count, let stride):
      return (0..<steps).flatMap { step in
        (0..<count).flatMap { k -> [Word] in
          let input = stride == 1 ? step * count + k : k * stride + step
          return input < inputs
            ? Array(weights[input * outputs..<(input + 1) * outputs]) : Array(repeating: 0, count: outputs)
        }
      }
    case .columnsPerMultiplier(let columns):
      return (0..<columns).flatMap { column in
        (0..<inputs).flatMap { input in
          (0..<outputs / columns).map { weights[input * outputs + $0 * columns + column] }
        }
      }
    }
  }
}

extension Design {
  /// What the products of each instruction that multiplies by weights are computed on: affine operations, and
  /// normalizations that share their multipliers.
  static func multipliers(
    _ program: Program, _ steps: [Step], loops: [PositionLoop], dataflow: Dataflow?,
    adders: [Int: [AdderGraph]]
  ) -> [Int: Multipliers] {
    // How many positions an instruction has, and how many of them are computed at once.
    var positions: [Int: Int] = [:]
    var copies: [Int: Int] = [:]
    for loop in loops {
      for index in loop.instructions { (positions[index], copies[index]) = (loop.positions, loop.factor) }
    }
    for process in dataflow?.processes ?? [] {
      let axes = dataflow?.axes(of: process) ?? 0
      for index in process.instructions {
        positions[index] = program.instructions[index].type.shape.prefix(axes).reduce(1, *)
      }
    }
    var found: [Int: Multipliers] = [:]
    for (index, instruction) in program.instructions.enumerated() {
      let (choice, positions, copies) = (steps[index].choice, positions[index] ?? 1, copies[index] ?? 1)
      func shared(_ products: Int) -> Multipliers {
        let reuse = choice.reuseFactor
        return reuse > 1 ? .shared(count: (products / positions * copies + reuse - 1) / reuse) : .each
      }
      if case .affine(let affine) = instruction.operation {
        let shape = program[instruction.operands[1]].type.shape
        let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
        let operand = program[instruction.operands[0]].type
        if choice.strategy == .distributedArithmetic, let graphs = adders[index] {
          found[index] = .adders(graphs)
        } else if program.loopsOverMultipliers(index, choice),
          let array = MultiplierArray(
            reuse: choice.reuseFactor, inputs: inputs, outputs: outputs, stride: affine.order.stride(inputs),
            isOrderFree: affine.isOrderFree(operand.format, program[instruction.operands[1]].type.format))
        {
          found[index] = .array(array)
        } else {
          found[index] = shared(operand.count * outputs)
        }
      } else if choice.reuseFactor > 1, program.isScaling(index) {
        found[index] = shared(instruction.type.count)
      }
    }
    // A matrix over a stream: each token brings its share of the products.
    for process in dataflow?.processes ?? [] {
      guard case .accumulate(let index) = process.kind, let channel = process.reads.first else { continue }
      let products = (dataflow?.channels[channel].words ?? 1) * program.instructions[index].type.count
      found[index] =
        process.interval > 1
        ? .shared(count: (products + process.interval - 1) / process.interval) : .each
    }
    return found
  }
}
