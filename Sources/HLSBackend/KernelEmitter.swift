import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the operations that bring their own loops.
extension Emission {
  /// Writes the instruction at `index`. `head` takes what must stand at the head of the function.
  mutating func writeKernel(
    _ index: Int, _ code: inout CodeWriter, _ scope: FunctionScope, _ region: Region,
    _ head: inout FunctionHead
  ) {
    let program = scope.program
    let instruction = program.instructions[index]
    let target = layout.name(ValueID(index))
    let arrays = instruction.operands.map { layout.name(layout.holder($0)) }
    switch instruction.operation.form {
    case .product(.affine(let affine)): writeAffine(affine, index, &code, scope, region, &head)
    case .product(.contract(let contract)):
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
    case .reduction(let reduction):
      let length = program[instruction.operands[0]].type.shape.last ?? 1
      let kernel = reduction.kernel
      kernels.insert(kernel)
      code.line("tf::\(kernel.rawValue)<\(instruction.type.count), \(length)>(\(arrays[0]), \(target));")
    case .wiring(.window(let window)): writeWindow(window, index, &code, scope)
    case .wiring(.rearrange(let rearrangement)): writeRearrangement(rearrangement, index, &code, scope)
    case .scan(let scan): writeScan(scan, index, &code)
    case .input, .constant, .wordwise: break
    }
  }

  /// The memory of a constant that is read a row of words at a time, `steps` rows in order. Vitis HLS does not
  /// build words of more than `widestWord` bits, so that rows are cut into memories side by side:
  /// [memories][steps][words], the last memory filled up with zeros.
  mutating func memory(
    of id: ValueID, arrangement: String, steps: Int, layer: Int?, _ head: inout FunctionHead,
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
    head.add(.partition(name, dimension: 1))
    head.add(.reshape(name, dimension: 3))
    head.add(.readOnlyMemory(name))
    return name
  }

  private mutating func writeAffine(
    _ affine: Affine, _ index: Int, _ code: inout CodeWriter, _ scope: FunctionScope, _ region: Region,
    _ head: inout FunctionHead
  ) {
    if case .adders(let graphs) = design.multipliers[index] {
      return writeAdders(graphs, index, &code, scope)
    }
    let program = scope.program
    let instruction = program.instructions[index]
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
    head.add(.partition(bias, dimension: 0))

    if let array = design.multipliers[index]?.array {
      let (step, all, arguments) = array.kernels(rows: rows, isRewinding: region.form == .rewindingLoop)
      kernels.formUnion([step, all])
      let weights = memory(
        of: w, arrangement: "in_\(array.steps)_steps", steps: array.steps, layer: instruction.layer, &head
      ) { array.arrange($0) }
      code.line(
        "tf::\(all.rawValue)<\(arguments), \(types)>(\(names.x), \(weights), \(bias), \(names.y));")
      return
    }
    let weights = table(
      of: w, arrangement: isGrouped ? "by_group" : "by_input", shape: shape, layer: instruction.layer)
    head.add(.partition(weights, dimension: 0))
    if let limit = design.multipliers[index]?.limit { head.add(.multipliers(limit)) }
    let kernel: Kernel = isGrouped ? .affineGrouped : .affine
    kernels.insert(kernel)
    let sizes = (isGrouped ? [rows, groups] : [rows]) + [inputs, outputs, affine.order.stride(inputs)]
    code.line(
      "tf::\(kernel.rawValue)<\(sizes.map(String.init).joined(separator: ", ")), \(types)>"
        + "(\(names.x), \(weights), \(bias), \(names.y));")
  }
}

extension MultiplierArray {
  /// The kernel of a step and that of all steps, and their leading template arguments.
  fileprivate func kernels(rows: Int, isRewinding: Bool) -> (step: Kernel, all: Kernel, arguments: String) {
    switch kind {
    case .inputsPerStep(let count, let stride):
      (
        .affineStep, isRewinding ? .affineRewind : .affineReuse,
        "\(rows), \(steps), \(count), \(stride), \(inputs), \(outputs)"
      )
    case .columnsPerMultiplier(let columns):
      (
        .affineColumnStep, isRewinding ? .affineColumnsRewind : .affineColumns,
        "\(rows), \(columns), \(inputs), \(outputs)"
      )
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
