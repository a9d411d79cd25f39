import Diagnostics
import FixedPoint
import Model
import Program

extension ExactBuilder {
  /// A recurrent layer: the products with the features of all steps at once, and a scan of the rest of its cell.
  mutating func lower(_ recurrent: Recurrent, _ inputs: [ValueID]) throws(Failure) -> ValueID {
    var (sequence, starts, mask) = recurrent.parts(of: inputs)
    var seen = stateRanges
    var results: [ValueID] = []
    for pass in recurrent.passes {
      let count = pass.cell.states.count
      let keeps: Scan.Kept = recurrent.returnsSequences || recurrent.isOpened ? .all : .last
      var result = try run(
        pass, sequence, mask, starts: Array(starts.prefix(count)), seen: Array(seen.prefix(count)), keeps,
        isOpened: recurrent.isOpened)
      if pass.isReversed, !pass.keepsReversedOrder, keeps == .all { result = try reversed(result, "order") }
      results.append(result)
      starts.removeFirst(min(count, starts.count))
      seen.removeFirst(min(count, seen.count))
    }
    guard results.count > 1 else { return results[0] }
    switch recurrent.isOpened ? .concatenate : recurrent.merge {
    case .elementwise(let merge): return try lower(merge, results)
    case .concatenate, nil: return try concatenate(results, axis: shape(results[0]).count - 1)
    }
  }

  private mutating func reversed(_ x: ValueID, _ suffix: String) throws(Failure) -> ValueID {
    let steps = shape(x)[0]
    if steps == 1 { return x }
    return try add(.rearrange(.gather(axis: 0, indices: (0..<steps).reversed())), x, named: suffix)
  }

  /// One pass: [steps, features] to [steps, units] or [units]; `isOpened`: to all states, side by side.
  private mutating func run(
    _ pass: RecurrentPass, _ x: ValueID, _ mask: ValueID?, starts: [ValueID], seen: [ClosedRange<Double>],
    _ keeps: Scan.Kept,
    isOpened: Bool
  ) throws(Failure) -> ValueID {
    let cell = try CellLowering(pass, &self, isOpened: isOpened)
    let sequence = pass.isReversed ? try reversed(x, "reversed") : x
    let features = try linear(sequence, cell.kernel, cell.bias, nil)
    var sequences = [features]
    if let mask { sequences.append(pass.isReversed ? try reversed(mask, "reversedMask") : mask) }
    var starts = starts
    for state in pass.cell.states where starts.count < pass.cell.states.count {
      let zeros = Array(repeating: Raw(0), count: pass.units)
      starts.append(
        constant(
          FixedTensor(shape: [pass.units], format: FixedFormat(1, 1, signed: false), words: zeros),
          "\(state)0"))
    }
    let step =
      try isQuantized
      ? exactStep(cell, sequences, starts) : roundedStep(cell, sequences, starts, seen)
    for note in step.builder.notes { self.note(note) }
    let scan = Scan(step.builder.builder.program, sequences: sequences.count, keeps: keeps)
    var operands = sequences
    for (start, format) in zip(starts, step.formats) {
      operands.append(
        self.format(start) == format ? start : try add(.requantize(format), start, named: "start"))
    }
    return try add(.scan(scan), operands, named: "scan")
  }

  /// A step whose states keep every bit, up to `exactLimit` of them: their formats are what steps can make of them, until a
  /// step makes no more.
  private mutating func exactStep(_ cell: CellLowering, _ sequences: [ValueID], _ starts: [ValueID])
    throws(Failure)
    -> CellStep
  {
    let steps = shape(sequences[0])[0]
    var states = starts.map { (format: format($0), words: known[$0.index].interval, isCapped: false) }
    for turn in 0..<min(steps, Self.turns) {
      let step = try self.step(cell, sequences, states.map(\.format), states.map(\.words))
      let before = states.map(\.format)
      var isSettled = true
      for place in states.indices {
        let state = states[place]
        let (value, own) = (step.next[place], step.builder)
        let fraction = max(state.format.fractionBits, own.format(value).fractionBits)
        let words = state.words.shifted(left: fraction - state.format.fractionBits).union(
          own.known[value.index].interval.shifted(left: fraction - own.format(value).fractionBits))
        var format = FixedFormat.tight(words.low...words.high, fractionBits: fraction)
        if state.isCapped { continue }
        if format.width > Self.exactLimit {
          let range = format.value(of: words.low)...format.value(of: words.high)
          format = .covering(range, width: Self.exactLimit, signed: words.low < 0)
          note(
            "the state \(cell.pass.cell.states[place]) rounded to \(Self.exactLimit) bits: it has no quantizer"
          )
          states[place] = (format, Interval(format), true)
          isSettled = false
        } else if format != state.format || words != state.words {
          states[place] = (format, words, false)
          isSettled = false
        }
      }
      if isSettled || turn == steps - 1 {
        return before == states.map(\.format)
          ? step
          : try self.step(
            cell, sequences, states.map(\.format), states.map(\.words))
      }
    }
    // Sums that grow with every step: bits for all of them.
    let growth = Int.bitWidth - (steps / Self.turns).leadingZeroBitCount + 1
    let formats = states.map { state -> FixedFormat in
      if state.isCapped { return state.format }
      let format = state.format
      return FixedFormat(
        format.width + growth, format.integerBits + growth, signed: format.isSigned, .trn, .sat)
    }
    return try step(cell, sequences, formats, formats.map { Interval($0) })
  }

  /// A step whose states are words of `wordLength` bits: of the range that steps prove, or else of the one that was seen.
  private mutating func roundedStep(
    _ cell: CellLowering, _ sequences: [ValueID], _ starts: [ValueID], _ seen: [ClosedRange<Double>]
  ) throws(Failure) -> CellStep {
    var ranges = starts.map { range($0) }
    var formats = ranges.map { stateFormat($0) }
    var isProven = ranges.map { _ in false }
    for _ in 0..<4 where isProven.contains(false) {
      let step = try self.step(cell, sequences, formats, formats.map { Interval($0) })
      for place in ranges.indices {
        let next = step.builder.range(step.next[place])
        let (low, high) = (ranges[place].lowerBound, ranges[place].upperBound)
        ranges[place] = min(low, next.lowerBound)...max(high, next.upperBound)
        isProven[place] = stateFormat(ranges[place]) == formats[place]
        formats[place] = stateFormat(ranges[place])
      }
    }
    for place in ranges.indices where !isProven[place] && seen.indices.contains(place) {
      let start = range(starts[place])
      formats[place] = stateFormat(
        min(start.lowerBound, seen[place].lowerBound)...max(start.upperBound, seen[place].upperBound))
    }
    return try step(cell, sequences, formats, formats.map { Interval($0) })
  }

  /// The format of `wordLength` bits for a state in a range, which zero is taken to be in.
  private func stateFormat(_ range: ClosedRange<Double>) -> FixedFormat {
    let (low, high) = (min(range.lowerBound, 0), max(range.upperBound, 0x1p-16))
    return .covering(low...high, width: wordLength, signed: low < 0)
  }

  private mutating func converted(_ value: ValueID, to format: FixedFormat, _ suffix: String)
    throws(Failure) -> ValueID
  {
    self.format(value) == format ? value : try add(.requantize(format), value, named: suffix)
  }

  /// Steps after which states of a quantized model that still grow get bits for all steps.
  private static let turns = 12

  /// The program of a step with states of given formats and words. The sequences are the features and, if there is one, the mask.
  private func step(
    _ cell: CellLowering, _ sequences: [ValueID], _ formats: [FixedFormat], _ words: [Interval]
  ) throws(Failure) -> CellStep {
    var step = self.stepBuilder()
    let elements = zip(["features", "mask"], sequences).map { name, sequence in
      step.input(
        name, ValueType(Array(shape(sequence).dropFirst()), format(sequence)), known[sequence.index])
    }
    var states: [ValueID] = []
    for (name, (format, words)) in zip(cell.pass.cell.states, zip(formats, words)) {
      states.append(step.input(name, ValueType([cell.pass.units], format), KnownWords(words)))
    }
    let next = try cell.lower(elements[0], states, &step)
    var outputs: [ValueID] = []
    let zero = elements.count > 1 ? try step.constant(0, "zero") : nil
    for (place, (name, (state, format))) in zip(cell.pass.cell.states, zip(next, formats)).enumerated() {
      var value = try step.converted(state.word ?? state.value, to: format, "\(name)Next")
      if let zero {
        let kept = try step.add(
          .select(.equal), elements[1], zero, states[place], value, named: "\(name)Masked")
        value = try step.converted(kept, to: format, "\(name)Kept")
      }
      outputs.append(value)
    }
    step.output(
      cell.isOpened && outputs.count > 1 ? try step.concatenate(outputs, axis: 0) : outputs[0])
    for output in outputs { step.output(output) }
    return CellStep(builder: step, next: next.map(\.value), formats: formats)
  }
}

/// The program of a step.
private struct CellStep {
  var builder: ExactBuilder
  /// The states after the step, before they are converted to their formats.
  var next: [ValueID]
  var formats: [FixedFormat]
}
