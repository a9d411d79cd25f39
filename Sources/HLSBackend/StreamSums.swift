import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the processes that add up or reduce a stream, token by token.
extension StreamEmitter {
  func writeAccumulate(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    let program = flow.program
    guard let segment, case .affine(let affine) = program.instructions[index].operation else { return }
    let operands = program.instructions[index].operands
    let input = flow.channels[process.reads[0]]
    let outputs = program.instructions[index].type.count
    let scope = FunctionScope(program, layer: process.layer)
    let bias = emission.table(of: operands[2], layer: process.layer)
    let weights = emission.memory(
      of: operands[1], arrangement: "by_token", steps: input.tokens, layer: process.layer, &head
    ) { $0 }
    let (w, b) = (emission.layout.holder(operands[1]), emission.layout.holder(operands[2]))
    let formats = (x: program[operands[0]].type.format, w: program[operands[1]].type.format)
    let product = (affine.product ?? .product(formats.x, formats.w)).cppType
    head.add(.partition(bias, dimension: 0))
    if let limit = emission.design.multipliers[index]?.limit { head.add(.multipliers(limit)) }
    emission.kernels.insert(.accumulate)
    emission.declare(index, scope, &code)
    let name = emission.layout.name(input.value)
    code.loop("t", input.tokens, loopStyle(process)) { code in
      channels.read(process.reads[0], firings: input.tokens, &emission, &code)
      code.line(
        "tf::accumulate<\(input.tokens), \(input.words), \(outputs), \(emission.layout.typeName(w)), \(emission.layout.typeName(b)), "
          + "\(product), \(affine.isOrderFree(formats.x, formats.w))>(t, \(name), \(weights), \(bias), \(emission.layout.name(ValueID(index))));"
      )
    }
    compute(segment, scope, without: [index], &emission, &code, &head)
    for channel in process.writes { channels.write(channel, firings: 1, &emission, &code) }
  }

  func writeFold(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    let program = flow.program
    guard let segment, case .reduce(let reduction) = program.instructions[index].operation else { return }
    let input = flow.channels[process.reads[0]]
    let scope = FunctionScope(program, layer: process.layer)
    emission.kernels.insert(.convert)
    let name = emission.layout.name(input.value)
    let (target, type) = (emission.layout.name(ValueID(index)), emission.layout.typeName(ValueID(index)))
    let count = program.instructions[index].type.count
    let positions = input.tokens * input.words / count
    emission.declare(index, scope, &code)
    code.loop("t", positions, loopStyle(process)) { code in
      channels.read(process.reads[0], firings: positions, &emission, &code)
      code.loop("c", count, .unrolled) { code in
        code.line("const \(type) term = tf::convert<\(type)>(\(name)[c]);")
        switch reduction {
        case .maximum: code.line("if (t == 0 || term > \(target)[c]) \(target)[c] = term;")
        case .minimum: code.line("if (t == 0 || term < \(target)[c]) \(target)[c] = term;")
        case .sum, .argmax:
          code.line("if (t == 0)")
          code.line("  \(target)[c] = term;")
          code.line("else")
          code.line("  \(target)[c] = tf::convert<\(type)>(\(target)[c] + term);")
        }
      }
    }
    compute(segment, scope, without: [index - 1, index], &emission, &code, &head)
    for channel in process.writes { channels.write(channel, firings: 1, &emission, &code) }
  }
}
