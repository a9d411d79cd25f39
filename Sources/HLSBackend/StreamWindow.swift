import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the processes that slide a window over a stream.
extension StreamEmitter {
  func writeWindow(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    let program = flow.program
    guard let segment, case .window(let window) = program.instructions[index].operation else { return }
    let source = emission.layout.holder(program.instructions[index].operands[0])
    let buffer = LineBuffer(window, program[program.instructions[index].operands[0]].type.shape)
    let format = program[source].type.format
    let name = emission.layout.name(source)
    let type = emission.layout.typeName(source)
    buffer.declare(type, flow.lineBuffers(index).first, &code)
    let scope = FunctionScope(program, onePositionOf: window.kernel.count, layer: process.layer)
    let padding = format.word(window.padding, as: type)
    if format.width > 64 { emission.kernels.insert(.wide) }
    guard let input = process.reads.first(where: { flow.channels[$0].value == source }) else { return }
    let complete = program.instructions[index].type.shape.prefix(window.kernel.count).reduce(1, *)
    let tokens = buffer.channels / flow.channels[input].words
    buffer.walk(&code, loopStyle(process)) { code in
      code.line("\(type) \(name)[\(buffer.channels)];")
      code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
      if let inside = buffer.insideTest {
        code.block("if (\(inside))") { channels.take(input, tokens: tokens, into: name, &emission, &$0) }
        code.block("else") { code in
          code.loop("c", buffer.channels, .unrolled) { $0.line("\(name)[c] = \(padding);") }
        }
      } else {
        channels.take(input, tokens: tokens, into: name, &emission, &code)
      }
      buffer.shift(name, &code)
      code.block("if (\(buffer.completeTest))") { code in
        emission.declare(index, scope, &code)
        buffer.take(emission.layout.name(ValueID(index)), &code)
        for channel in process.reads where channel != input {
          channels.read(channel, firings: complete, isInLoop: true, &emission, &code)
        }
        compute(segment, scope, without: [index], &emission, &code, &head)
        for channel in process.writes {
          channels.write(channel, firings: complete, isInLoop: true, &emission, &code)
        }
        if head.readsPosition { code.line("position++;") }
      }
    }
  }
}
