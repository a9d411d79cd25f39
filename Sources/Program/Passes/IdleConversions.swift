import FixedPoint

extension ProgramPass {
  /// Conversions that change none of the words that can come go, where nothing else changes for it:
  ///
  /// - one before another conversion, which then converts the words themselves;
  /// - one to a format that is no narrower, where its readers' results keep their formats.
  ///
  /// Outputs and layers' results keep their formats, and so their conversions. (A conversion to a narrower format that
  /// changes no word is not idle: it takes wires away.)
  public static let idleConversions = ProgramPass(
    name: "idle conversions", summary: "drops conversions that provably change no word"
  ) { program in
    let idle = IdleConversions(program)
    return program.rewritten { rewriter, value in
      if let source = idle.replacements[value] { return rewriter.replace(by: rewriter[source]) }
      let source = idle.sources[value].map { rewriter[$0] }
      rewriter.keep { if let source { $0.operands = [source] } }
    }
  }
}

/// What there is to do, found before anything is rewritten.
private struct IdleConversions {
  /// By conversion that goes, its operand.
  private(set) var replacements: [ValueID: ValueID] = [:]
  /// By conversion behind an idle one, what it converts instead.
  private(set) var sources: [ValueID: ValueID] = [:]

  init(_ program: Program) {
    let known = program.knownWords()
    var readers = [[Int]](repeating: [], count: program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in Set(instruction.operands) { readers[operand.index].append(index) }
    }
    let shown = Set(program.outputs + program.layers.compactMap(\.result))
    var types = program.instructions.map(\.type)
    for (index, instruction) in program.instructions.enumerated() {
      guard case .requantize(let formats) = instruction.operation else { continue }
      // Conversions are idle one after the other.
      var source = instruction.operands[0]
      while case .requantize(.uniform(let format)) = program[source].operation {
        let before = program[source].operands[0]
        guard format.holds(known[before.index], fractionBits: program[before].type.format.fractionBits)
        else { break }
        source = before
      }
      if source != instruction.operands[0] { sources[ValueID(index)] = source }
      let own = program[source].type.format
      guard case .uniform(let format) = formats, !shown.contains(ValueID(index)),
        own.fractionBits == format.fractionBits,
        own.width + (format.isSigned && !own.isSigned ? 1 : 0) <= format.width,
        format.holds(known[source.index], fractionBits: own.fractionBits)
      else { continue }
      // What is decided so far, and this.
      let before = types[index]
      types[index] = types[source.index]
      let isUnseen = readers[index].allSatisfy { reader in
        let instruction = program.instructions[reader]
        return (try? instruction.operation.resultType(instruction.operands.map { types[$0.index] }))
          == instruction.type
      }
      if isUnseen { replacements[ValueID(index)] = source } else { types[index] = before }
    }
  }
}

extension FixedFormat {
  /// Whether conversion changes none of the numbers.
  fileprivate func holds(_ known: KnownWords, fractionBits source: Int) -> Bool {
    known.pattern.allSatisfy { facts in
      let dropped = source - fractionBits
      if dropped <= 0 { return conversionRange.contains(facts.interval.shifted(left: -dropped)) }
      return facts.trailingZeros >= dropped
        && conversionRange.contains(
          Interval(facts.interval.low >> Raw(dropped), facts.interval.high >> Raw(dropped)))
    }
  }
}
