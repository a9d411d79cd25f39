import FixedPoint

extension ProjectBuilder {
  /// The numbers of an array of weights, as they are in its type.
  func weights(_ call: KernelCall, _ position: Int, count: Int, _ format: FixedFormat) throws(Refusal)
    -> [Double]
  {
    let name = try call.name(position)
    let numbers = try numbers(name, count: count)
    var values: [Double] = []
    values.reserveCapacity(count)
    for number in numbers {
      let word = format.quantize(number)
      let value = scaled(Double(word), by: -format.fractionBits)
      guard Raw(exactly: scaled(value, by: format.fractionBits)) == word else {
        throw Refusal("the words of '\(name)' in \(format.cppSpelling) have more than 53 bits")
      }
      values.append(value)
    }
    return values
  }

  /// The numbers an array is filled with: those of its text file where it is loaded and there, else its initializer's.
  func numbers(_ name: String, count: Int) throws(Refusal) -> [Double] {
    guard let array = text.arrays[name] else {
      throw Refusal(
        "'\(name)' is not an array of weights",
        hint: "weights that are ports of the top function (BramFactor) are not in the project")
    }
    var loaded: [Double]?
    if let file = weightFiles[name] {
      do { loaded = try files.weights(file) } catch {
        throw Refusal(error.diagnostics.first?.message ?? "'\(file)' cannot be read")
      }
    }
    guard let values = loaded ?? array.values else {
      throw Refusal("'\(name)' has no numbers: neither an initializer nor a text file")
    }
    guard values.count == count else {
      throw Refusal("'\(name)' has \(values.count) numbers; the layer needs \(count)")
    }
    if let loaded, let written = array.values, loaded != written {
      throw Refusal("'\(name)' has other numbers in its text file than in its header")
    }
    return values
  }
}

/// value · 2^exponent.
func scaled(_ value: Double, by exponent: Int) -> Double {
  value * Double(sign: .plus, exponent: exponent, significand: 1)
}
