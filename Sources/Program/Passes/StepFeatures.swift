import FixedPoint

extension Program {
  /// This program with what is computed of a sequence element by element, for a scan alone, moved into the step.
  ///
  /// A recurrent layer multiplies all elements by its kernel before it goes through them. Where the steps have one hardware,
  /// that product is to be part of it. Moved are products with one matrix and conversions to one format, of the scan's
  /// layer, that nothing else reads; what is left of them is for `deadCode`.
  public func withFeaturesInSteps() -> Program {
    var program = self
    for index in instructions.indices {
      guard case .scan(let scan) = instructions[index].operation else { continue }
      for place in 0..<scan.sequences {
        while program.movesFeature(into: index, place) {}
      }
    }
    return program
  }

  /// Moves what makes a sequence into the step; false where it stays.
  private mutating func movesFeature(into index: Int, _ place: Int) -> Bool {
    guard case .scan(var scan) = instructions[index].operation else { return false }
    let feature = self[instructions[index].operands[place]]
    let own = instructions[index].operands[place]
    guard useCounts[own.index] == 1, feature.layer == instructions[index].layer,
      feature.type.shape.count > 1, let x = feature.operands.first, constant(x) == nil,
      self[x].type.shape.first == feature.type.shape.first, self[x].type.shape.count > 1
    else { return false }
    switch feature.operation {
    case .requantize(.uniform): break
    case .affine where self[feature.operands[1]].type.shape.count == 2: break
    default: return false
    }
    let element = ValueType(Array(self[x].type.shape.dropFirst()), self[x].type.format)
    var rewriter = Rewriter(scan.body)
    var input: ValueID?
    while let next = rewriter.next {
      guard next == scan.body.inputs[place] else {
        rewriter.keep()
        continue
      }
      let given = rewriter.add(
        Instruction(name: "\(scan.body[next].name).x", operation: .input, operands: [], type: element))
      input = given
      var operands = [given]
      for id in feature.operands.dropFirst() {
        var copy = self[id]
        copy.layer = nil
        operands.append(rewriter.add(copy))
      }
      var copy = feature
      (copy.operands, copy.type, copy.layer) = (operands, scan.body[next].type, nil)
      rewriter.replace(by: rewriter.add(copy))
    }
    guard let input else { return false }
    scan.body = rewriter.finished()
    scan.body.inputs[place] = input
    instructions[index].operation = .scan(scan)
    instructions[index].operands[place] = x
    return true
  }
}
