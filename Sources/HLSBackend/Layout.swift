import Backends
import FixedPoint
import Program
import Scheduling

/// How a program is cut into C++ functions and its values into arrays, locals and constants.
///
/// A region of the design becomes a function; inside it, word-by-word operations of one shape share a loop. Reshapes cost
/// nothing: they are other names for their operand.
struct Layout {
  /// Instructions that share a loop, or one instruction that brings its own.
  enum Block {
    case words([Int])
    case kernel(Int)

    var instructions: [Int] {
      switch self {
      case .words(let indices): indices
      case .kernel(let index): [index]
      }
    }
  }

  /// A part of a function.
  enum Part {
    case block(Block)
    /// What is computed for some positions at once, one after the other.
    case positions(PositionLoop, [Block])

    var blocks: [Block] {
      switch self {
      case .block(let block): [block]
      case .positions(_, let blocks): blocks
      }
    }
  }

  /// A function: a region of the design.
  struct Segment {
    /// What it is built as.
    var region: Region
    /// The function's name.
    var function: String
    /// What it computes, in order.
    var parts: [Part]
    /// The arrays it reads from other functions or the inputs.
    var reads: [Int] = []
    /// The arrays it makes for other functions or the outputs.
    var writes: [Int] = []

    /// The layer, as an index into `Program.layers`.
    var layer: Int? { region.layer }
    /// Its instructions, in order.
    var instructions: [Int] { region.instructions }
  }

  let program: Program
  /// The instruction whose array holds each value: itself, or what it is a reshape of.
  let root: [Int]
  /// Whether the value is an array; the others are locals of a loop, or constants.
  private(set) var isArray: [Bool]
  /// The C++ name of each value (of each root).
  private(set) var names: [String]
  private(set) var segments: [Segment] = []
  /// The name of the top function and of the project's files.
  let projectName: String
  /// Further names are taken from here.
  private(set) var identifiers = Identifiers.cpp

  /// Lays out a program.
  init(_ program: Program, projectName: String, regions: [Region]) {
    self.program = program
    self.projectName = identifiers.unique(projectName)
    root = program.roots
    isArray = Array(repeating: false, count: program.instructions.count)
    names = []
    for (index, instruction) in program.instructions.enumerated() {
      names.append(root[index] == index ? identifiers.unique(instruction.name) : names[root[index]])
    }
    for region in regions { addSegment(region) }
    findArrays()
    findTraffic()
  }

  /// Lays out a step of a scan, whose values are named after it.
  init(step program: Program, of name: String, regions: [Region], _ around: inout Layout) {
    self.program = program
    projectName = around.projectName
    swap(&identifiers, &around.identifiers)
    root = program.roots
    isArray = Array(repeating: false, count: program.instructions.count)
    names = []
    for (index, instruction) in program.instructions.enumerated() {
      names.append(
        root[index] == index ? identifiers.unique("\(name)_\(instruction.name)") : names[root[index]])
    }
    for region in regions { addSegment(region, suffix: "_step") }
    findArrays()
    findTraffic()
    swap(&identifiers, &around.identifiers)
  }

  /// Takes names from where another layout does, or gives them back.
  mutating func swapNames(with other: inout Layout) { swap(&identifiers, &other.identifiers) }

  /// A fresh identifier.
  mutating func identifier(_ name: String) -> String { identifiers.unique(name) }

  /// The name of a value's array or local.
  func name(_ id: ValueID) -> String { names[id.index] }
  /// The typedef of a value.
  func typeName(_ id: ValueID) -> String { names[id.index] + "_t" }
  /// The instruction that holds a value.
  func holder(_ id: ValueID) -> ValueID { ValueID(root[id.index]) }
  /// The words of a value that is, or is a reshape of, a constant.
  func constant(_ id: ValueID) -> [Raw]? { program.constant(holder(id)) }

  /// Adds a function; neighbouring word-by-word operations of one shape share a loop.
  private mutating func addSegment(_ region: Region, suffix: String = "") {
    guard let first = region.instructions.first else { return }
    let loops = region.loops
    var parts: [Part] = []
    var rest = region.instructions[...]
    while let index = rest.first {
      if let loop = loops.first(where: { $0.all[0] == index }) {
        parts.append(.positions(loop, makeBlocks(loop.all[...])))
        rest = rest.drop { loop.all.contains($0) }
      } else {
        let next = rest.dropFirst().firstIndex { index in loops.contains { $0.all[0] == index } }
        parts += makeBlocks(rest[..<(next ?? rest.endIndex)]).map { .block($0) }
        rest = rest[(next ?? rest.endIndex)...]
      }
    }
    segments.append(Segment(region: region, function: functionName(first, suffix), parts: parts))
  }

  private func makeBlocks(_ group: ArraySlice<Int>) -> [Block] {
    var blocks: [Block] = []
    for index in group {
      let instruction = program.instructions[index]
      guard instruction.operation.isWordByWord else {
        blocks.append(.kernel(index))
        continue
      }
      if case .words(let indices) = blocks.last,
        program.instructions[indices[0]].type.shape == instruction.type.shape
      {
        blocks[blocks.count - 1] = .words(indices + [index])
      } else {
        blocks.append(.words([index]))
      }
    }
    return blocks
  }

  private mutating func functionName(_ index: Int, _ suffix: String) -> String {
    guard let layer = program.instructions[index].layer else {
      return identifiers.unique("compute_\(names[index])")
    }
    let kind = Identifiers.sanitized(program.layers[layer].className).lowercased()
    return identifiers.unique("\(kind)_\(Identifiers.sanitized(program.layers[layer].name))\(suffix)")
  }

  /// Values made by kernels, used outside their loop, traced or put out are arrays.
  private mutating func findArrays() {
    var loop = [Int](repeating: -1, count: root.count)
    var count = 0
    for block in segments.flatMap(\.parts).flatMap(\.blocks) {
      for index in block.instructions { loop[index] = count }
      if case .kernel(let index) = block { isArray[index] = true }
      count += 1
    }
    for (index, instruction) in program.instructions.enumerated() {
      if instruction.operation == .input { isArray[index] = true }
      for operand in instruction.operands where loop[root[operand.index]] != loop[index] {
        isArray[root[operand.index]] = true
      }
    }
    for id in program.outputs + program.layers.compactMap(\.result) { isArray[root[id.index]] = true }
    for index in program.instructions.indices where program.constant(ValueID(index)) != nil {
      isArray[index] = false
    }
  }

  private mutating func findTraffic() {
    var maker = [Int](repeating: -1, count: root.count)
    for (number, segment) in segments.enumerated() {
      for index in segment.instructions { maker[index] = number }
    }
    var crossing: Set<Int> = Set(program.outputs.map { root[$0.index] })
    for number in segments.indices {
      var reads: Set<Int> = []
      for index in segments[number].instructions {
        for operand in program.instructions[index].operands {
          let source = root[operand.index]
          if maker[source] != number, isArray[source] { reads.insert(source) }
        }
      }
      segments[number].reads = reads.sorted()
      crossing.formUnion(reads)
    }
    for number in segments.indices {
      let made = segments[number].instructions
      segments[number].writes = made.filter(crossing.contains)
    }
  }
}
