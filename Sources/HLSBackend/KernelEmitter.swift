import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the operations that bring their own loops.
extension Emission {
  /// Writes the instruction at `index`. `pragmas` takes what must stand at the head of the function.
  mutating func writeKernel(
    _ index: Int, _ code: inout CodeWriter, in segment: Layout.Segment, pragmas: inout [String]
  ) {
    let instruction = program.instructions[index]
    let target = layout.name(ValueID(index))
    let arrays = instruction.operands.map { layout.name(layout.holder($0)) }
    switch instruction.operation {
    case .affine(let affine):
      writeAffine(affine, index, &code, &pragmas, isOnlyLoop: isOnlyLoop(of: segment))
    case .contract(let contract):
      let (x, y) = (program[instruction.operands[0]].type, program[instruction.operands[1]].type)
      let rank = x.shape.count
      let product = (contract.product ?? .product(x.format, y.format)).cppType
      kernels.insert(.contract)
      let sizes = [
        x.shape.dropLast(2).reduce(1, *), x.shape[rank - 2], y.shape[rank - 2], x.shape[rank - 1],
      ]
      code.line(
        "tf::contract<\(sizes.map(String.init).joined(separator: ", ")), \(product)>"
          + "(\(arrays[0]), \(arrays[1]), \(target));")
    case .reduce(let reduction):
      let length = program[instruction.operands[0]].type.shape.last ?? 1
      let kernel = reduction.kernel
      kernels.insert(kernel)
      code.line("tf::\(kernel.rawValue)<\(instruction.type.count), \(length)>(\(arrays[0]), \(target));")
    case .window(let window): writeWindow(window, index, &code)
    case .rearrange(let rearrangement): writeRearrangement(rearrangement, index, &code, segment)
    case .input, .constant, .requantize, .elementwise, .lookup, .select: break
    }
  }

  /// Whether a function of a dataflow computes one operation and nothing else: its loop need not end before it begins
  /// with the next event. Scheduling promises the interval by the same rule (`Planner.intervals`).
  private func isOnlyLoop(of segment: Layout.Segment) -> Bool {
    guard design.ioType == .parallel, segment.blocks.count == 1, case .kernel = segment.blocks[0] else {
      return false
    }
    return true
  }

  /// The memory of a constant that is read a row of words at a time, `steps` rows in order. Vitis HLS does not
  /// build words of more than `widestWord` bits, so that rows are cut into memories side by side:
  /// [memories][steps][words], the last memory filled up with zeros.
  mutating func memory(
    of id: ValueID, arrangement: String, steps: Int, layer: Int?, _ pragmas: inout [String],
    _ arrange: ([Raw]) -> [Raw]
  ) -> String {
    let width = design.program[layout.holder(id)].type.format.width
    let words = arrange(design.program.constant(layout.holder(id)) ?? [])
    let row = words.count / steps
    let memories = (row * width + HLSProject.widestWord - 1) / HLSProject.widestWord
    let kept = (row + memories - 1) / memories
    var cut: [Raw] = []
    for memory in 0..<memories {
      for step in 0..<steps {
        for place in memory * kept..<(memory + 1) * kept {
          cut.append(place < row ? words[step * row + place] : 0)
        }
      }
    }
    let name = table(of: id, arrangement: arrangement, shape: [memories, steps, kept], layer: layer) { _ in
      cut
    }
    pragmas.append("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete dim=1")
    pragmas.append("#pragma HLS ARRAY_RESHAPE variable=\(name) type=complete dim=3")
    pragmas.append("#pragma HLS BIND_STORAGE variable=\(name) type=rom_1p impl=auto")
    return name
  }

  private mutating func writeAffine(
    _ affine: Affine, _ index: Int, _ code: inout CodeWriter, _ pragmas: inout [String], isOnlyLoop: Bool
  ) {
    let instruction = program.instructions[index]
    let step = design.steps[index]
    let (x, w, b) = (instruction.operands[0], instruction.operands[1], instruction.operands[2])
    let shape = program[w].type.shape
    let isGrouped = shape.count == 3
    let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    let groups = isGrouped ? shape[0] : 1
    let rows = program[x].type.count / (inputs * groups)
    let product = (affine.product ?? .product(program[x].type.format, program[w].type.format)).cppType
    let types = "\(layout.typeName(layout.holder(w))), \(layout.typeName(layout.holder(b))), \(product)"
    let bias = table(
      of: b, arrangement: isGrouped ? "by_group" : "", shape: program[b].type.shape, layer: instruction.layer)
    let names = (x: layout.name(layout.holder(x)), y: layout.name(ValueID(index)))
    let stride = affine.order.stride(inputs)
    pragmas.append("#pragma HLS ARRAY_PARTITION variable=\(bias) type=complete dim=0")

    if step.strategy == .resource, step.reuseFactor > 1, !isGrouped,
      let plan = MultiplierPlan(
        reuse: step.reuseFactor, inputs: inputs, outputs: outputs, stride: stride,
        isOrderFree: affine.isOrderFree(program[x].type.format, program[w].type.format))
    {
      let (used, arguments, steps) = plan.kernels(rows: rows, isOnlyLoop: isOnlyLoop)
      kernels.formUnion(used)
      let kernel = used[1]
      hasLoop = true
      let weights = memory(
        of: w, arrangement: "in_\(steps)_steps", steps: steps, layer: instruction.layer, &pragmas
      ) {
        plan.arrange($0)
      }
      code.line(
        "tf::\(kernel.rawValue)<\(arguments), \(types)>(\(names.x), \(weights), \(bias), \(names.y));")
      return
    }
    let weights = table(
      of: w, arrangement: isGrouped ? "by_group" : "by_input", shape: shape, layer: instruction.layer)
    pragmas.append("#pragma HLS ARRAY_PARTITION variable=\(weights) type=complete dim=0")
    if step.reuseFactor > 1 {
      let copies = loops.first { $0.instructions.contains(index) }?.factor ?? 1
      let limit = (inputs * outputs * groups * rows * copies + step.reuseFactor - 1) / step.reuseFactor
      pragmas.insert("#pragma HLS PIPELINE II=\(step.reuseFactor)", at: 0)
      pragmas.append("#pragma HLS ALLOCATION operation instances=mul limit=\(limit)")
    }
    let kernel: Kernel = isGrouped ? .affineGrouped : .affine
    kernels.insert(kernel)
    let sizes = (isGrouped ? [rows, groups] : [rows]) + [inputs, outputs, stride]
    code.line(
      "tf::\(kernel.rawValue)<\(sizes.map(String.init).joined(separator: ", ")), \(types)>"
        + "(\(names.x), \(weights), \(bias), \(names.y));")
  }
}

/// How the resource strategy lays products on multipliers.
struct MultiplierPlan {
  private enum Kind {
    /// Every step multiplies some inputs by all outputs; stride 1 takes them in order.
    case inputsPerStep(count: Int, stride: Int)
    /// Every step multiplies one input by every `columns`-th output.
    case columnsPerMultiplier(Int)
  }

  private let kind: Kind
  private let reuse: Int
  private let inputs: Int
  private let outputs: Int

  /// The plan that adds in the order asked for, if there is one.
  init?(reuse: Int, inputs: Int, outputs: Int, stride: Int, isOrderFree: Bool) {
    (self.reuse, self.inputs, self.outputs) = (reuse, inputs, outputs)
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

  /// The kernel of a step and that of all steps, their leading template arguments, and the rows of the weight memory.
  func kernels(rows: Int, isOnlyLoop: Bool) -> ([Kernel], String, Int) {
    switch kind {
    case .inputsPerStep(let count, let stride):
      return (
        [.affineStep, isOnlyLoop ? .affineRewind : .affineReuse],
        "\(rows), \(reuse), \(count), \(stride), \(inputs), \(outputs)", reuse
      )
    case .columnsPerMultiplier(let columns):
      return (
        [.affineColumnStep, isOnlyLoop ? .affineColumnsRewind : .affineColumns],
        "\(rows), \(columns), \(inputs), \(outputs)", reuse
      )
    }
  }

  /// The weights, [inputs, outputs] row major, in the order of the steps; zero where a step has nothing to do.
  func arrange(_ weights: [Raw]) -> [Raw] {
    switch kind {
    case .inputsPerStep(let count, let stride):
      return (0..<reuse).flatMap { step in
        (0..<count).flatMap { k -> [Raw] in
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

extension Reduction {
  var kernel: Kernel {
    switch self {
    case .sum(_, .sequential): .sum
    case .sum(_, .tree): .treeSum
    case .maximum: .maximum
    case .minimum: .minimum
    case .argmax: .argmax
    }
  }
}
