import CKernels
import FixedPoint

extension Workspace {
  /// Converts a tile's numbers of one of the program's inputs into the arena.
  func read(_ job: Job, _ slot: Int, start: Int) {
    let (port, valid) = (plan.inputs[slot], tile.valid)
    let count = port.rows.count
    if count == 0 { return }
    let numbers = job.inputs[slot].slice(start * count..<(start + valid) * count)
    if readFast(numbers, port) { return }
    for (element, row) in port.rows.enumerated() {
      let words = scratch(Raw.self)
      let conversion = port.conversions.isEmpty ? nil : port.conversions[element]
      for event in 0..<tile.events {
        let word =
          event < valid ? numbers.word(event * count + element, port.format, port.missing) : 0
        words[event] = conversion?(word) ?? word
      }
      store(row)
      let digits = port.digits.filter { $0.element == element }
      if !digits.isEmpty {
        let offset = Raw(row.offset), bits = Raw(row.shift) + 8
        for event in 0..<tile.events { words[event] = ((words[event] - offset) >> bits) << bits }
        for digit in digits { store(digit.row) }
      }
      if let counters = tile.counters {
        counters[port.counter] += Int64(
          (0..<valid).count { numbers.overflows($0 * count + element, port.format) })
      }
    }
  }

  private func readFast(_ numbers: BorrowedEvents, _ port: Plan.Port) -> Bool {
    guard var input = port.input, let element = numbers.element.kernelCode, tile.counters == nil,
      let base = numbers.bytes.baseAddress
    else { return false }
    // The kernels load whole numbers; a mapped file may hold them at any address.
    guard Int(bitPattern: base) % min(8, numbers.element.bytes) == 0 else { return false }
    return kernels.read(&tile, &input, element, base) != 0
  }

  /// Writes a tile's results.
  func write(_ job: Job, start: Int, valid: Int) {
    for (output, port) in zip(job.outputs, plan.results) {
      let count = port.rows.count
      if port.word < .bits128, let element = output.element.kernelCode {
        var kernel = tf_output(rows: port.rows.baseAddress, count: count, scale: port.step)
        let target = output.base + start * count * output.element.bytes
        kernels[port.word].write(&tile, &kernel, element, target)
        continue
      }
      for (element, row) in port.rows.enumerated() {
        let words = load(row)
        for event in 0..<valid {
          output.store(words[event], port.format, at: (start + event) * count + element)
        }
      }
    }
  }
}

extension ResultBuffer {
  fileprivate func store(_ word: Raw, _ format: FixedFormat, at place: Int) {
    let offset = place * element.bytes
    switch element {
    case .float32: base.storeBytes(of: Float(format.value(of: word)), toByteOffset: offset, as: Float.self)
    case .float64: base.storeBytes(of: format.value(of: word), toByteOffset: offset, as: Double.self)
    case .raw: base.storeBytes(of: Int64(truncatingIfNeeded: word), toByteOffset: offset, as: Int64.self)
    case .wide: base.storeBytes(of: word, toByteOffset: offset, as: Raw.self)
    }
  }
}

extension BorrowedEvents {
  /// A number as a word of a format; NaN is `missing`, if that is one. Raw words are taken as they are, low bits first.
  func word(_ index: Int, _ format: FixedFormat, _ missing: Raw?) -> Raw {
    switch element {
    case .float32, .float64:
      let value = value(index)
      if let missing, value.isNaN { return missing }
      return format.quantize(value)
    case .raw: return Raw(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
    case .wide: return bytes.loadUnaligned(fromByteOffset: 16 * index, as: Raw.self)
    }
  }

  /// Whether a number's conversion overflows.
  func overflows(_ index: Int, _ format: FixedFormat) -> Bool {
    switch element {
    case .float32, .float64: format.overflows(value(index))
    case .raw, .wide: false
    }
  }

  private func value(_ index: Int) -> Double {
    element == .float32
      ? Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self))
      : bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
  }
}

extension BorrowedEvents.Element {
  /// The kernels' code of the type; nil where only Swift converts it.
  fileprivate var kernelCode: Int32? {
    switch self {
    case .float32: Int32(TF_FLOAT32)
    case .float64: Int32(TF_FLOAT64)
    case .raw: Int32(TF_INT64)
    case .wide: nil
    }
  }
}
