import CKernels
import FixedPoint
import Foundation
import Program

// Scans run as they are: the step is planned once, its words lie in the arena beside the others, and its kernels are called
// once for every step. What goes from step to step is copied.

/// A loop over the steps of a scan.
struct ScanStep {
  /// How many times `body` is run.
  var count: Int
  /// What is done before the first step: states begin.
  var starts: [Copy]
  /// What is done before every step: elements of the sequences come.
  var elements: [Copy]
  /// The step.
  var body: [Step]
  /// Where elements are that are not copied, and where the step takes them to be.
  var inPlace: [(from: [Reference], to: Reference)] = []
  /// What is done after every step: its result goes where all are.
  var results: [Copy]
  /// What is done between steps: states become what the step left.
  var next: [Copy]
  /// What is done after the last step.
  var ends: [Copy]
  /// Everything outside that is read or written, and the room of what is inside.
  var references: [[Reference]]

  /// All steps that are kernel calls.
  var parts: [Step] {
    body
      + (starts + elements + results + next + ends).flatMap { copy -> [Step] in
        if case .words(let regions) = copy { regions.map(Step.region) } else { [] }
      }
  }

  /// Leaves elements where they are if only operations on rows read them, which go from place to place.
  fileprivate mutating func readInPlace() {
    let copied = results + next + ends
    elements.removeAll { copy in
      guard case .lanes(let from, let to, _) = copy, to.count == 1 else { return false }
      func reads(_ words: [Reference]) -> Bool { words.contains { $0.buffer == to[0].buffer } }
      let isRead = body.allSatisfy { step in
        if case .pairs = step { return true }
        return !step.references.contains(where: reads)
      }
      guard isRead, !copied.contains(where: { $0.references.contains(where: reads) }) else { return false }
      inPlace.append((from, to[0]))
      return true
    }
  }

  /// An operation on rows as a step reads it: the elements that are not copied where they are. nil where it reads none of those.
  func moved(_ pairs: PairStep, step: Int) -> PairStep? {
    var moved = pairs
    var isMoved = false
    for (from, to) in inPlace {
      for list in moved.lists.indices {
        for place in moved.lists[list].indices where pairs.lists[list][place].buffer == to.buffer {
          let element = pairs.lists[list][place].element - to.element
          moved.lists[list][place] = Reference(
            buffer: from[step].buffer, element: from[step].element + element)
          isMoved = true
        }
      }
    }
    return isMoved ? moved : nil
  }

  /// Words from one place to another.
  enum Copy {
    /// Whole lanes as they are: the first reference of each in every step, or in all of them.
    case lanes(from: [Reference], to: [Reference], count: Int)
    /// Word by word, with another region in every step, or one for all.
    case words([RegionStep])

    /// What is read and written.
    var references: [[Reference]] {
      switch self {
      case .lanes(let from, let to, _): [from, to]
      case .words(let regions): regions.map(\.rows)
      }
    }
  }

  /// For people.
  var description: String {
    let copies = (elements + results + next).map { copy in
      switch copy {
      case .lanes(_, _, let count): "\(count) lanes"
      case .words(let regions): "\(regions.first?.count ?? 0) words"
      }
    }
    let inPlace = inPlace.isEmpty ? "" : "; elements where they are"
    let moved = copies.isEmpty ? "" : "; from step to step \(copies.joined(separator: ", "))"
    return "\(count) times: " + body.map(\.description).joined(separator: "; ") + inPlace + moved
  }
}

extension Step {
  /// Whether operations on rows write a buffer as they read another one, run by run, and do not read that afterwards.
  fileprivate func writes(_ own: Int, over place: Int) -> Bool {
    guard case .pairs(let pairs) = self else { return false }
    func lists(_ buffer: Int) -> [Int] {
      pairs.lists.indices.filter { pairs.lists[$0].contains { Int($0.buffer) == buffer } }
    }
    let (written, read) = (lists(own), lists(place))
    guard written.count == 1, let target = pairs.ops.firstIndex(where: { $0.places.0 == ~Int32(written[0]) }),
      pairs.ops[target].code != TF_WIDE_TABLES
    else { return false }
    return read.allSatisfy { list in
      pairs.lists[list].map(\.element) == pairs.lists[written[0]].map(\.element)
        && pairs.lists[list].allSatisfy { Int($0.buffer) == place }
        && !pairs.ops[(target + 1)...].contains { $0.sources.contains(~Int32(list)) }
    }
  }

  /// The steps that are kernel calls: those of a loop, or this one.
  var parts: [Step] { if case .scan(let scan) = self { scan.parts } else { [self] } }
}

/// What is known of an input of a step, and how the words that come to it are stored; nil: they are not alike.
struct StepInput {
  var known: KnownWords
  var row: tf_row?
}

/// What the plan of a step has of the plan around it.
struct Surroundings {
  var buffers: [Buffer]
  var constants: [Raw]
  var constantIndices: [Raw: Int]
  /// The scan.
  var index: Int
  var inputs: [StepInput]

  /// The room of an input of the step.
  func buffer(of index: Int, in step: Program, _ interval: Interval, _ options: EmulatorOptions) -> Buffer {
    let count = step.instructions[index].type.count
    let slot = step.inputs.firstIndex(of: ValueID(index))
    guard let row = slot.flatMap({ inputs[$0].row }) else {
      return Buffer(count: count, interval: interval, bytes: options.usesBytes, step: 0)
    }
    return Buffer(count: count, row: row, step: 0)
  }
}

extension PlanBuilder {
  /// Plans a scan: its step once, and what is copied.
  mutating func planScan(_ scan: Scan, _ index: Int) {
    var scan = scan
    if options.path == .fast { scan.body = scan.body.pickingEarly() }
    let operands = program.instructions[index].operands
    let count = type(operands[0]).shape[0]
    let known =
      known.isEmpty
      ? operands.map { KnownWords(Interval(type($0).format)) }
      : scan.knownInputs(operands.map { (type($0), self.known[$0.index]) }, detail: .channels)
    let inputs = operands.enumerated().map { slot, operand in
      StepInput(known: known[slot], row: slot < scan.sequences ? row(of: views[operand.index]) : nil)
    }
    let first = buffers.count
    var inner = PlanBuilder(
      scan.body, results: scan.body.outputs, options: options, inside: surroundings(index, inputs: inputs))
    var starts: [ScanStep.Copy] = []
    var elements: [ScanStep.Copy] = []
    for (slot, (input, operand)) in zip(scan.body.inputs, operands).enumerated() {
      let (target, source) = (inner.views[input.index], views[operand.index])
      if target.isEmpty { continue }
      let words = inner.intervals[input.index]
      if slot < scan.sequences {
        let size = target.count
        let parts = (0..<count).map { Array(source[$0 * size..<($0 + 1) * size]) }
        elements.append(inner.copy(parts, to: [target], words))
      } else {
        starts.append(inner.copy([source], to: [target], words))
      }
    }
    inner.leaveStatesInPlace(scan)
    let next = inner.statesCopied(scan)
    let result = scan.body.outputs[0]
    let (made, words) = (inner.views[result.index], inner.intervals[result.index])
    take(inner)
    // The results are stored as the step stores one, where it does that alike.
    let size = program.instructions[index].type.count
    views[index] =
      row(of: made).map { store(Buffer(count: size, row: $0, step: steps.count)) }
      ?? store(count: size, interval: intervals[index].union(words))
    var results: [ScanStep.Copy] = []
    var ends: [ScanStep.Copy] = []
    switch scan.keeps {
    case .all:
      let targets = (0..<count).map { Array(views[index][$0 * made.count..<($0 + 1) * made.count]) }
      results = [copy([made], to: targets, words)]
    case .last: ends = [copy([made], to: [views[index]], words)]
    }
    let room = placeTogether(first..<inner.buffers.count)
    var step = ScanStep(
      count: count, starts: starts, elements: elements, body: inner.steps, results: results, next: next,
      ends: ends, references: operands.map { views[$0.index] } + [views[index], room])
    step.readInPlace()
    steps.append(.scan(step))
  }

  /// Whether a state's next words come where it is.
  private func isInPlace(_ state: ValueID, _ next: ValueID) -> Bool {
    guard let place = views[state.index].first?.buffer, let own = views[next.index].first?.buffer, own >= 0
    else {
      return false
    }
    return buffers[Int(own)].twin == Int(place)
  }

  /// Lets states become what a step leaves where they are, where nothing reads them after that.
  fileprivate mutating func leaveStatesInPlace(_ scan: Scan) {
    for (state, next) in zip(scan.body.inputs.dropFirst(scan.sequences), scan.body.outputs.dropFirst()) {
      guard let place = wholeBuffer(views[state.index]), let own = wholeBuffer(views[next.index]),
        movesLanes(views[next.index], views[state.index]), buffers[own].twin == nil,
        !scan.body.inputs.contains(where: { touches(views[$0.index], own) }),
        !scan.body.outputs.contains(where: { touches(views[$0.index], place) }),
        let last = steps.lastIndex(where: { $0.references.contains { touches($0, place) } }),
        let first = steps.firstIndex(where: { $0.references.contains { touches($0, own) } })
      else { continue }
      if last < first || (last == first && steps[first].writes(own, over: place)) {
        buffers[own].twin = place
      }
    }
  }

  private func touches(_ words: [Reference], _ buffer: Int) -> Bool {
    words.contains { Int($0.buffer) == buffer }
  }

  /// The buffer that words are all of, in order.
  private func wholeBuffer(_ words: [Reference]) -> Int? {
    guard let first = words.first, !first.isConstant, first.element == 0,
      buffers[Int(first.buffer)].count == words.count,
      buffers[Int(first.buffer)].parent == nil, buffers[Int(first.buffer)].run == nil
    else { return nil }
    return Int(first.buffer)
  }

  /// Copies what a step leaves of its states to where the next one reads them.
  private mutating func statesCopied(_ scan: Scan) -> [ScanStep.Copy] {
    let states = zip(scan.body.inputs.dropFirst(scan.sequences), scan.body.outputs.dropFirst())
      .filter { !views[$0.index].isEmpty && views[$0.index] != views[$1.index] && !isInPlace($0, $1) }
    let read = Set(states.map { views[$0.0.index][0].buffer })
    var first: [ScanStep.Copy] = []
    var second: [ScanStep.Copy] = []
    for (state, next) in states {
      let words = intervals[next.index].union(intervals[state.index])
      let (source, target) = (views[next.index], views[state.index])
      // What is another state's, or in another order, must be read before that one changes.
      if source.contains(where: { read.contains($0.buffer) }) {
        let kept = store(count: target.count, interval: words)
        buffers[Int(kept[0].buffer)].lifetime = -1...steps.count
        first.append(copy([source], to: [kept], words))
        second.append(copy([kept], to: [target], words))
      } else {
        second.append(copy([source], to: [target], words))
      }
    }
    return first + second
  }

  /// The storage of words that are all in one buffer; nil where they are not.
  private func row(of words: [Reference]) -> tf_row? {
    guard let first = words.first, !first.isConstant, words.allSatisfy({ $0.buffer == first.buffer }) else {
      return nil
    }
    return buffers[Int(first.buffer)].row
  }

  /// Copies words; what is the same in all steps is given once.
  private func copy(_ sources: [[Reference]], to targets: [[Reference]], _ words: Interval) -> ScanStep.Copy {
    let (from, to) = (sources.compactMap(\.first), targets.compactMap(\.first))
    let steps = max(sources.count, targets.count)
    let isWhole = (0..<steps).allSatisfy { step in
      movesLanes(sources[sources.count == 1 ? 0 : step], targets[targets.count == 1 ? 0 : step])
    }
    if isWhole, let first = targets.first?.first {
      let lanes = buffers[Int(first.buffer)].lanes(of: targets[0].count)
      return .lanes(from: from, to: to, count: lanes)
    }
    return .words(
      (0..<steps).map { step in
        let (source, target) = (
          sources[sources.count == 1 ? 0 : step], targets[targets.count == 1 ? 0 : step]
        )
        var region = RegionBuilder(count: target.count)
        region.store(region.load(source, words), target)
        return region.packed()
      })
  }

  /// Whether words lie as they would at their target: lanes can be copied whole.
  private func movesLanes(_ source: [Reference], _ target: [Reference]) -> Bool {
    func isRun(_ words: [Reference]) -> Bool {
      guard let first = words.first, !first.isConstant else { return false }
      let buffer = buffers[Int(first.buffer)]
      let isLast = Int(first.element) + words.count == buffer.count
      return Int(first.element) % buffer.packing == 0 && (words.count % buffer.packing == 0 || isLast)
        && words.enumerated().allSatisfy {
          $1.buffer == first.buffer && Int($1.element) == Int(first.element) + $0
        }
    }
    guard isRun(source), isRun(target) else { return false }
    let rows = (buffers[Int(source[0].buffer)].row, buffers[Int(target[0].buffer)].row)
    return rows.0.storage == rows.1.storage && rows.0.offset == rows.1.offset && rows.0.shift == rows.1.shift
  }

  /// Lays out the buffers of a step in a buffer of their own.
  private mutating func placeTogether(_ range: Range<Int>) -> [Reference] {
    var own = Array(buffers[range])
    for index in own.indices { own[index].twin = own[index].twin.map { $0 - range.lowerBound } }
    let lanes = layOut(&own)
    let room = store(Buffer(count: max(1, lanes), row: .words, step: steps.count))
    for (index, buffer) in zip(range, own) {
      buffers[index] = buffer
      buffers[index].parent = Int(room[0].buffer)
      buffers[index].twin = nil
    }
    return [room[0]]
  }
}

extension Buffer {
  /// The lanes that hold so many elements, the first at the beginning of one.
  fileprivate func lanes(of count: Int) -> Int {
    switch Int(row.storage) {
    case TF_S64: count * 2
    case TF_S128: count * 4
    default: (count + packing - 1) / packing
    }
  }
}

extension Plan {
  /// A loop over steps, ready to run.
  struct ScanCall {
    enum Part {
      case call(Call)
      /// Lanes of a block from one place to another.
      case move(from: Int, to: Int, bytes: Int)
    }
    /// All that is done, of all steps, one after the other.
    var parts: [Part]

    init(_ step: ScanStep, _ buffers: [Buffer], _ memory: Memory, _ call: (Step) -> Call) {
      func lane(_ reference: Reference) -> Int {
        Int(buffers[Int(reference.buffer)].row(Int(reference.element)).lane)
      }
      let laneBytes = TileLayout.lane * Int(TF_BLOCK)
      /// By step, or the same in all.
      func resolve(_ copies: [ScanStep.Copy]) -> [[Part]] {
        copies.map { copy in
          switch copy {
          case .lanes(let from, let to, let count):
            (0..<max(from.count, to.count)).map { step in
              .move(
                from: lane(from[from.count == 1 ? 0 : step]) * laneBytes,
                to: lane(to[to.count == 1 ? 0 : step]) * laneBytes, bytes: count * laneBytes)
            }
          case .words(let regions): regions.map { .call(call(.region($0))) }
          }
        }
      }
      let body = step.body.map { part -> [Part] in
        let first = call(part)
        guard case .pairs(let pairs) = part, case .pairs(let kernel) = first,
          step.moved(pairs, step: 0) != nil
        else { return [.call(first)] }
        return (0..<step.count).map { place in
          var moved = kernel.pointee
          moved.lanes = memory.copy((step.moved(pairs, step: place) ?? pairs).lanes(buffers))
          return .call(.pairs(memory.copy([moved])))
        }
      }
      func take(_ some: [[Part]], _ step: Int) -> [Part] { some.map { $0[$0.count == 1 ? 0 : step] } }
      let whole = resolve(step.elements) + body + resolve(step.results)
      let next = resolve(step.next)
      parts = take(resolve(step.starts), 0)
      for place in 0..<step.count {
        parts += take(whole, place)
        if place < step.count - 1 { parts += take(next, place) }
      }
      parts += take(resolve(step.ends), 0)
    }
  }
}

extension Workspace {
  /// Runs all steps of a loop, for one block of events after the other: what goes from step to step stays in the first-level cache.
  func run(_ scan: Plan.ScanCall) {
    let whole = tile
    let block = Int(TF_BLOCK)
    tile.events = block
    for start in stride(from: 0, to: whole.events, by: block) {
      tile.valid = max(0, min(block, whole.valid - start))
      let arena = whole.arena + start * whole.lanes * TileLayout.lane
      tile.arena = arena
      scan.parts.withUnsafeBufferPointer { parts in
        for part in parts {
          switch part {
          case .call(let call): run(call)
          case .move(let from, let to, let bytes): memcpy(arena + to, arena + from, bytes)
          }
        }
      }
    }
    tile = whole
  }
}
