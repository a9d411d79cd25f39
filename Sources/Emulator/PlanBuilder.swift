import CKernels
import FixedPoint
import Program

/// Turns a program into steps over stored rows.
///
/// 1. Instructions whose results nobody needs are dropped.
/// 2. Wiring becomes lists of references; constants become constants. Neither takes a step.
/// 3. Every other instruction becomes a step that stores its result, in the narrowest storage that holds it.
/// 4. The arena is laid out (`layOut`) and references become addresses (`Plan`).
struct PlanBuilder {
  let program: Program
  let options: EmulatorOptions
  /// Where each instruction's words are; empty until it is planned.
  var views: [[Reference]]
  /// What each instruction's words can be.
  var intervals: [Interval]
  /// What is known of words; only the fast path reads it.
  let known: [KnownWords]
  /// The values asked for.
  let results: Set<ValueID>
  /// The instructions that read each value, where the results need them.
  private(set) var readers: [[Int]]
  /// Instructions already part of an earlier one's step.
  var isDone: [Bool]
  var buffers: [Buffer] = []
  var constants: [Raw] = []
  var steps: [Step] = []
  /// Inputs that are converted once more as they are read.
  var inputs: [ValueID: PlannedInput] = [:]
  /// Stored words that are always 0, as those of pruned elements: no dot product reads them.
  var zeros: Set<Reference> = []
  /// Words stored as the sum of two, and the second one, or four copies of it: dot products alone know of it.
  var digits: [Reference: [Reference]] = [:]
  /// The products that read such words and are not planned as dot products.
  var unread: Set<Int> = []
  /// Differences that are low bits of their first operand, and how many.
  var lowBits: [Int: Int] = [:]
  private var constantIndices: [Raw: Int] = [:]
  /// Where the program is the step of a loop: what it has of the plan around it.
  let surroundings: Surroundings?

  init(_ program: Program, results: [ValueID], options: EmulatorOptions, inside around: Surroundings? = nil) {
    self.program = program
    self.options = options
    surroundings = around
    if let around {
      (buffers, constants, constantIndices) = (around.buffers, around.constants, around.constantIndices)
    }
    views = Array(repeating: [], count: program.instructions.count)
    intervals = program.instructions.map { Interval($0.type.format) }
    let given = around?.inputs.map(\.known)
    self.results = Set(results)
    readers = Array(repeating: [], count: program.instructions.count)
    isDone = Array(repeating: false, count: program.instructions.count)
    known = options.path == .general ? [] : program.knownWords(inputs: given, detail: .channels)
    if options.path == .fast {
      intervals = known.map(\.interval)
      relate()
    }
    var needed = Set(results)
    for index in program.instructions.indices.reversed() where needed.contains(ValueID(index)) {
      needed.formUnion(program.instructions[index].operands)
      for operand in Set(program.instructions[index].operands) { readers[operand.index].append(index) }
    }
    for index in program.instructions.indices where needed.contains(ValueID(index)) {
      if case .constant(let words) = program.instructions[index].operation {
        views[index] = words.map { reference($0) }
        settle(index, Interval(words))
        isDone[index] = true
      }
    }
    let trees = treeSums()
    for sums in trees.values { for index in sums.interior { isDone[index] = true } }
    for index in program.instructions.indices where needed.contains(ValueID(index)) && !isDone[index] {
      if let sums = trees[index] { plan(sums, index) } else { plan(index) }
    }
    extendLifetimes(results)
  }

  mutating func plan(_ index: Int) {
    let instruction = program.instructions[index]
    let operands = instruction.operands
    switch instruction.operation.form {
    case .input:
      if let surroundings {
        views[index] = store(surroundings.buffer(of: index, in: program, intervals[index], options))
      } else if let reader = planInput(index) {
        finish(index, through: reader)
      } else {
        views[index] = store(index)
      }
    case .constant: break
    case .wiring(.window(let window)):
      views[index] = rewired(window.elementMap(type(operands[0]).shape), [operands[0]], window.padding)
    case .wiring(.rearrange(let rearrangement)): planRearrangement(rearrangement, index)
    case .wordwise:
      let region = options.path == .fast ? regionFrom(index) : [index]
      planRegion(region)
      for index in region { isDone[index] = true }
    case .product(.affine(let affine)):
      if options.path == .fast, let picked = picks(affine, index) {
        views[index] = picked
        settle(index, intervals[operands[0].index])
      } else if options.path == .fast, let last = planFast(affine, index) {
        finish(index, through: last)
      } else {
        planAffine(affine, index)
      }
    case .product(.contract(let contract)):
      if options.path == .fast, let last = planFast(contract, index) {
        finish(index, through: last)
      } else {
        planContract(contract, index)
      }
    case .reduction(let reduction):
      if options.path == .fast, let last = planFast(reduction, index) {
        finish(index, through: last)
      } else {
        planReduction(reduction, index)
      }
    case .scan(let scan): planScan(scan, index)
    }
  }

  /// Marks the chain of readers from an instruction to `last` as planned.
  private mutating func finish(_ index: Int, through last: Int) {
    var next = index
    while next != last {
      next = readers[next][0]
      isDone[next] = true
    }
  }

  func type(_ id: ValueID) -> ValueType { program[id].type }

  /// Where the conversions of an instruction's products are counted if they overflow; those of its words come next.
  func counter(_ index: Int) -> Int { 2 * (surroundings?.index ?? index) }

  /// Takes over what the plan of a step made in its surroundings.
  mutating func take(_ inner: PlanBuilder) {
    (buffers, constants, constantIndices) = (inner.buffers, inner.constants, inner.constantIndices)
  }

  /// What a plan is to the step of a loop, instruction `index`.
  func surroundings(_ index: Int, inputs: [StepInput]) -> Surroundings {
    Surroundings(
      buffers: buffers, constants: constants, constantIndices: constantIndices, index: index, inputs: inputs)
  }

  /// The reference to a constant word.
  mutating func reference(_ word: Raw) -> Reference {
    if let known = constantIndices[word] { return .constant(known) }
    constants.append(word)
    constantIndices[word] = constants.count - 1
    return .constant(constants.count - 1)
  }

  /// Makes room for an instruction's result, written by the next step.
  mutating func store(_ index: Int) -> [Reference] {
    store(count: program.instructions[index].type.count, interval: intervals[index])
  }

  /// Makes room for a tensor, written by the next step.
  mutating func store(count: Int, interval: Interval) -> [Reference] {
    store(Buffer(count: count, interval: interval, bytes: options.usesBytes, step: steps.count))
  }

  /// Makes room for a tensor.
  mutating func store(_ buffer: Buffer) -> [Reference] {
    let count = buffer.count
    buffers.append(buffer)
    let buffer = Int32(buffers.count - 1)
    return (0..<count).map { Reference(buffer: buffer, element: Int32($0)) }
  }

  /// Says what an instruction's words can be, beyond what is known already. Only formats count on the general
  /// path, so that it does not depend on the analysis the fast one uses.
  mutating func settle(_ index: Int, _ interval: Interval) {
    if options.path == .fast { intervals[index] = intervals[index].intersection(interval) }
  }

  private mutating func rewired(_ map: [Int], _ operands: [ValueID], _ fill: Raw) -> [Reference] {
    let words = operands.count == 1 ? views[operands[0].index] : operands.flatMap { views[$0.index] }
    let filler = map.contains(-1) ? reference(fill) : nil
    return map.map { $0 < 0 ? filler ?? words[0] : words[$0] }
  }

  private mutating func planRearrangement(_ rearrangement: Rearrangement, _ index: Int) {
    let instruction = program.instructions[index]
    // Joined operands of a coarser step than the result's are converted first; the rest is wiring.
    var interval: Interval?
    var parts: [Reference] = []
    for operand in instruction.operands {
      let shift = instruction.type.format.fractionBits - type(operand).format.fractionBits
      let moved = intervals[operand.index].shifted(left: shift)
      interval = interval?.union(moved) ?? moved
      parts +=
        shift == 0
        ? views[operand.index]
        : planShift(views[operand.index], left: shift, moved)
    }
    let map = rearrangement.elementMap(
      instruction.operands.map { type($0).shape }, result: instruction.type.shape)
    if map.contains(-1) {
      let filler = reference(rearrangement.fill)
      interval = interval?.union(Interval(rearrangement.fill, rearrangement.fill))
      views[index] = map.map { $0 < 0 ? filler : parts[$0] }
    } else {
      views[index] = map.map { parts[$0] }
    }
    settle(index, interval ?? intervals[index])
  }

  /// Every buffer lives from the step that writes it to the last that reads it; inputs and results to the ends.
  private mutating func extendLifetimes(_ results: [ValueID]) {
    func extend(_ references: [Reference], to step: Int) {
      var last: Int32 = -1
      for reference in references where reference.buffer != last && !reference.isConstant {
        last = reference.buffer
        let lifetime = buffers[Int(last)].lifetime
        buffers[Int(last)].lifetime = min(lifetime.lowerBound, step)...max(lifetime.upperBound, step)
      }
    }
    for (index, step) in steps.enumerated() {
      for references in step.references { extend(references, to: index) }
    }
    // Inputs are converted before the first step and results read after the last.
    for input in program.inputs { extend(inputs[input]?.words ?? views[input.index], to: -1) }
    for result in results { extend(views[result.index], to: steps.count) }
    // A state is given its next words when the step has ended.
    if surroundings != nil { for input in program.inputs { extend(views[input.index], to: steps.count) } }
  }
}

extension Program {
  /// A program of one instruction of this one: operands that are constants stay, the others become inputs.
  func isolated(_ index: Int) -> Program {
    var program = Program(name: name)
    var places: [ValueID: ValueID] = [:]
    for operand in instructions[index].operands where places[operand] == nil {
      var copy = self[operand]
      copy.operands = []
      copy.layer = nil
      let place = ValueID(program.instructions.count)
      if constant(operand) == nil {
        copy.operation = .input
        program.inputs.append(place)
      }
      places[operand] = place
      program.instructions.append(copy)
    }
    var instruction = instructions[index]
    instruction.operands = instruction.operands.compactMap { places[$0] }
    instruction.layer = nil
    program.instructions.append(instruction)
    program.outputs = [ValueID(program.instructions.count - 1)]
    return program
  }
}
