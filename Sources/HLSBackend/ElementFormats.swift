import Backends
import FixedPoint
import Program

/// Formats laid along axes, as a function being written walks them.
struct ElementFormats {
  let laid: LaidFormats
  /// The shape that is walked, without axes that count positions.
  let shape: [Int]
  /// For every element, the place of its format among the laid ones: of all positions' elements, where positions differ.
  let places: [Int]
}

extension Emission {
  /// The formats of a conversion in the function being written. Where it computes one position at a time and positions
  /// differ, their elements follow one another.
  func elementFormats(_ laid: LaidFormats, _ index: Int, _ scope: FunctionScope) -> ElementFormats {
    let shape = scope.program.instructions[index].type.shape
    if laid.shape.count <= shape.count {
      return ElementFormats(laid: laid, shape: laid.shape, places: laid.places)
    }
    let whole = design.program.instructions[index].type.shape
    return ElementFormats(laid: laid, shape: shape, places: laid.places(in: whole))
  }

  /// A word converted to one format, as an expression of type `type`, which is that format's.
  mutating func conversion(to format: FixedFormat, as type: String, _ word: String) -> String {
    if format.roundedFirst == nil { return "\(type)(\(word))" }
    kernels.insert(.convert)
    return "tf::convert<\(type)>(\(word))"
  }

  /// A word converted to the format of the element at `offset`, as an expression of the value's type.
  ///
  /// Writes the function that does it: a switch over the elements, which is gone where loops are unrolled and every call
  /// names its element.
  mutating func conversion(
    _ index: Int, _ formats: ElementFormats, at offset: String, of word: String, _ scope: FunctionScope,
    _ head: inout FunctionHead
  ) -> String {
    let id = ValueID(index)
    let type = layout.typeName(id)
    let function = layout.identifier("\(layout.name(id))_formats")
    var code = CodeWriter()
    code.line("// The words of \(layout.name(id)), each in its own format.")
    let operand = layout.typeName(layout.holder(scope.program.instructions[index].operands[0]))
    code.line("TF_INLINE \(type) \(function)(int element, const \(operand) &x) {")
    var elements = [[Int]](repeating: [], count: formats.laid.formats.count)
    for (element, place) in formats.places.enumerated() { elements[place].append(element) }
    let order = elements.indices.sorted { (elements[$0].count, $1) > (elements[$1].count, $0) }
    if order.count > 1 { code.line("  switch (element) {") }
    for place in order.dropFirst() {
      Self.writeCases(elements[place], &code)
      code.line("    return \(conversion(to: formats.laid.formats[place], within: type));")
    }
    if order.count > 1 {
      code.line("  default:")
      code.line("    return \(conversion(to: formats.laid.formats[order[0]], within: type));")
      code.line("  }")
    } else {
      code.line("  return \(conversion(to: formats.laid.formats[order[0]], within: type));")
    }
    code.line("}")
    innerFunctions += code.text + "\n"
    var place = offset
    if scope.countsPositions, formats.shape.count < design.program.instructions[index].type.shape.count,
      formats.places.count > formats.shape.reduce(1, *)
    {
      head.readsPosition = true
      place = "(position) * \(formats.shape.reduce(1, *)) + \(offset)"
    }
    return "\(function)(\(place), \(word))"
  }

  /// x converted to a format, or to zero, and that word as one of the type that holds all of them.
  private mutating func conversion(to format: FixedFormat?, within type: String) -> String {
    guard let format else { return "\(type)(0)" }
    return "\(type)(\(conversion(to: format, as: format.cppType, "x")))"
  }

  /// `case 0: case 1: …` in lines of ten.
  private static func writeCases(_ elements: [Int], _ code: inout CodeWriter) {
    for start in stride(from: 0, to: elements.count, by: 10) {
      let line = elements[start..<min(start + 10, elements.count)].map { "case \($0):" }
      code.line("  \(line.joined(separator: " "))")
    }
  }
}
