import CKernels
import FixedPoint

extension Workspace {
  /// Converts a tile's inputs into the arena.
  func read(_ job: Job, start: Int, valid: Int) {
    for (input, port) in zip(job.inputs, plan.inputs) where !port.rows.isEmpty {
      let count = port.rows.count
      let numbers = input.slice(start * count..<(start + valid) * count)
      for (element, row) in port.rows.enumerated() {
        let words = scratch(Raw.self)
        for event in 0..<tile.events {
          words[event] = event < valid ? numbers.word(event * count + element, port.format) : 0
        }
        store(row)
      }
    }
  }

  /// Writes a tile's results.
  func write(_ job: Job, start: Int, valid: Int) {
    for (output, port) in zip(job.outputs, plan.results) {
      let count = port.rows.count
      for (element, row) in port.rows.enumerated() {
        let words = load(row)
        for event in 0..<valid {
          let place = (start + event) * count + element
          switch output.element {
          case .float32:
            output.base.storeBytes(
              of: Float(port.format.value(of: words[event])), toByteOffset: 4 * place, as: Float.self)
          case .float64:
            output.base.storeBytes(
              of: port.format.value(of: words[event]), toByteOffset: 8 * place, as: Double.self)
          case .raw:
            output.base.storeBytes(
              of: Int64(truncatingIfNeeded: words[event]), toByteOffset: 8 * place, as: Int64.self)
          case .wide:
            output.base.storeBytes(of: words[event], toByteOffset: 16 * place, as: Raw.self)
          }
        }
      }
    }
  }
}

extension BorrowedEvents {
  /// A number as a word of a format. Raw words are taken as they are, low bits first.
  func word(_ index: Int, _ format: FixedFormat) -> Raw {
    switch element {
    case .float32:
      format.quantize(Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)))
    case .float64: format.quantize(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
    case .wide: bytes.loadUnaligned(fromByteOffset: 16 * index, as: Raw.self)
    case .raw: Raw(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
    }
  }
}
