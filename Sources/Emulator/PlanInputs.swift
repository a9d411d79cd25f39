import CKernels
import FixedPoint
import Program

/// A conversion of an input's words that reading them does in the same go: shifts, roundings that are an addition, clamps and
/// wraps, as `tf_input.own` has them.
struct InputConversion: Sendable {
  private var add: Raw = 0
  private var right: Raw = 0
  private var low = Raw(Int32.min)
  private var high = Raw(Int32.max)
  private var mask: Raw = -1
  private var flip: Raw = 0
  private var up: Raw = 0
  /// What the words can be.
  private(set) var result = Interval(0, 0)
  /// How they are stored, if not as all others.
  var scale = Scale()

  /// The zero bits that words end with.
  var zeros: Int { Int(up) }

  /// - Parameters:
  ///   - format: what words are converted to; nil: they become 0.
  ///   - fractionBits: those of the converted words, no fewer than the format's.
  /// - Returns: nil where that is another kind of conversion.
  init?(_ words: Interval, _ own: Int, to format: FixedFormat?, fractionBits: Int) {
    guard let format else {
      mask = 0
      return
    }
    let dropped = own - format.fractionBits
    let left = fractionBits - format.fractionBits
    guard left < 24, abs(dropped) < 24,
      let plan = ConversionPlan(words, fractionBits: own, to: format, up: left)
    else { return nil }
    result = plan.result
    up = Raw(left)
    if dropped > 0 {
      guard let offset = format.rounding.offset(dropping: dropped, of: words) else { return nil }
      (add, right) = (offset, Raw(dropped))
    } else {
      up -= Raw(dropped)
      if plan.kernel.check != 0, dropped < 0 { return nil }
    }
    if up > 30 { return nil }
    if plan.kernel.check == 0 {
      // Words that fit are the same after a wrap to the format.
      if dropped >= 0, format.width < 30 { keep(format) }
      return
    }
    switch Int(plan.kernel.overflow) {
    case TF_SAT: (low, high) = (format.conversionRange.low, format.conversionRange.high)
    case TF_WRAP: keep(format)
    default: return nil
    }
  }

  private mutating func keep(_ format: FixedFormat) {
    mask = (1 << Raw(format.width)) - 1
    if format.isSigned { flip = 1 << Raw(format.width - 1) }
  }

  /// Whether words are clamped.
  var clamps: Bool { low != Raw(Int32.min) || high != Raw(Int32.max) }

  /// Whether words of a wrapping format give the same result if they do not wrap before: all that counts is among its bits.
  func wrapsAlone(_ format: FixedFormat) -> Bool {
    mask == 0 || (!clamps && mask > 0 && Int(right) + mask.nonzeroBitCount <= format.width)
  }

  /// A word converted.
  func callAsFunction(_ word: Raw) -> Raw {
    let clamped = min(max((word + add) >> right, low), high)
    return (((clamped & mask) ^ flip) - flip) << up
  }

  /// Conversions of elements one after the other, as the kernels read them.
  static func kernel(_ elements: [InputConversion]) -> [Int32] {
    let run = Int(TF_OWN_ELEMENTS)
    return stride(from: 0, to: elements.count, by: run).flatMap { start -> [Int32] in
      let some = elements[start..<min(start + run, elements.count)]
      let parts: [(InputConversion) -> Raw] = [
        \.add, \.right, \.low, \.high, \.mask, \.flip, { $0.up - Raw($0.scale.shift) },
        { Raw($0.scale.offset >> Int32($0.scale.shift)) },
      ]
      return parts.flatMap { part in
        some.map { Int32(clamping: part($0)) } + Array(repeating: 0, count: run - some.count)
      }
    }
  }
}

extension PlanBuilder {
  /// Plans an input together with the conversion that is its only reader.
  ///
  /// - Returns: the conversion; nil where there is none, or one that reading does not do.
  mutating func planInput(_ index: Int) -> Int? {
    let input = ValueID(index)
    let own = type(input).format
    guard options.path == .fast, !results.contains(input), readers[index].count == 1, own.width <= 24,
      own.fractionBits >= 0, let reader = readers[index].first, !isDone[reader],
      case .requantize(let layout) = program.instructions[reader].operation,
      program.instructions[reader].type.shape == type(input).shape
    else { return nil }
    let (fraction, count) = (layout.result.fractionBits, type(input).count)
    let formats: [FixedFormat?] =
      switch layout {
      case .uniform(let format): Array(repeating: format, count: count)
      case .laid(let laid): laid.places(in: type(input).shape).map { laid.formats[$0] }
      }
    let conversions = formats.compactMap { format in
      InputConversion(intervals[index], own.fractionBits, to: format, fractionBits: fraction)
    }
    guard conversions.count == count, let first = conversions.first else { return nil }
    let words = conversions.dropFirst().reduce(first.result) { $0.union($1.result) }
    guard WordSize(words) == .bits32 else { return nil }
    settle(reader, words)
    if let split = split(conversions, reader) {
      views[reader] = split.words
      inputs[input] = split
    } else {
      views[reader] = store(reader)
      inputs[input] = PlannedInput(words: views[reader], conversions: conversions)
    }
    for (word, format) in formats.enumerated() where format == nil { zeros.insert(views[reader][word]) }
    return reader
  }

  /// Stores words that are no bytes in common steps as bytes in their own, and of the few wider ones also what is above a byte,
  /// as `tf_input.high_bits` says.
  ///
  /// - Returns: nil where the words are bytes anyway, many are wider, or something else reads them than dot products.
  private mutating func split(_ conversions: [InputConversion], _ reader: Int) -> PlannedInput? {
    guard options.splitsInputs, isReadByDots(reader),
      conversions.count <= TileLayout.lane * Int(TF_SPLIT_LANES),
      Int(Buffer.storage(intervals[reader], bytes: true).storage) == TF_S16
    else { return nil }
    var (conversions, widths) = (conversions, [Int]())
    for (element, conversion) in conversions.enumerated() {
      let words = conversion.result
      func width(_ shift: Int) -> Int {
        Raw.bitWidth - ((words.high >> Raw(shift)) - (words.low >> Raw(shift))).leadingZeroBitCount
      }
      let shift = (0...conversion.zeros).first { width($0) <= 8 } ?? conversion.zeros
      let step = Int32(1) << Int32(shift)
      conversions[element].scale = Scale(shift: UInt8(shift), offset: Int32(words.low >> Raw(shift)) * step)
      widths.append(width(shift))
    }
    guard let bits = widths.max().map({ max(1, $0 - 8) }), bits <= 8 else { return nil }
    let lanes = (conversions.count + 3) / 4
    let isHigh = (0..<lanes).map { lane in
      widths[(4 * lane)..<min(4 * lane + 4, widths.count)].contains { $0 > 8 }
    }
    let high = isHigh.count(where: \.self)
    guard 2 * high <= lanes else { return nil }
    var places = 0
    let highLanes = isHigh.map { isHigh -> Int in
      if isHigh { places += 1 }
      return isHigh ? lanes + places - 1 : 0
    }
    func place(_ element: Int, _ lane: Int) -> Int { TileLayout.lane * lane + [0, 2, 1, 3][element % 4] }
    var buffer = Buffer(count: 4 * (lanes + high), row: .bytes, step: steps.count)
    buffer.scales = Array(repeating: Scale(), count: buffer.count)
    for (element, conversion) in conversions.enumerated() {
      buffer.scales[place(element, element / 4)] = conversion.scale
    }
    let stored = store(buffer)
    var result = PlannedInput(
      words: conversions.indices.map { stored[place($0, $0 / 4)] }, conversions: conversions, highBits: bits,
      highLanes: highLanes.map(UInt8.init))
    for lane in 0..<lanes {
      let wide = (4 * lane..<min(4 * lane + 4, widths.count)).filter { widths[$0] > 8 }
      // A digit that is alone in its lane is there four times: large weights are sums by its copies.
      result.highCopies.append(UInt8(wide.count == 1 ? place(wide[0], 0) : 4))
      for element in wide {
        let own = place(element, highLanes[lane])
        let places = wide.count == 1 ? Array((4 * highLanes[lane])..<(4 * highLanes[lane] + 4)) : [own]
        for place in places {
          buffers[buffers.count - 1].scales[place] = Scale(
            shift: conversions[element].scale.shift + UInt8(bits), offset: 0)
        }
        result.digits += places.map { (element, stored[$0]) }
        digits[result.words[element]] = places.map { stored[$0] }
        unread.formUnion(dots(reading: reader))
      }
    }
    return result
  }

  /// The dot products that read a value, by whatever wiring.
  private func dots(reading index: Int) -> [Int] {
    readers[index].flatMap { reader -> [Int] in
      if case .product = program.instructions[reader].operation.form { return [reader] }
      return dots(reading: reader)
    }
  }
}

/// An input that is converted once more as it is read.
struct PlannedInput {
  /// Where its words go.
  var words: [Reference]
  /// By element.
  var conversions: [InputConversion]
  /// As `tf_input` has them; 0 where words are not taken apart.
  var highBits = 0
  var highLanes: [UInt8] = []
  var highCopies: [UInt8] = []
  /// Elements of which there is a digit above the byte, and where.
  var digits: [(element: Int, place: Reference)] = []
}
